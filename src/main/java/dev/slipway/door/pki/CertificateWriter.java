package dev.slipway.door.pki;

import dev.slipway.door.pki.CertificateOrder.Use;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// Makes key pairs on the curve P-256 and certificates for them, signed with ECDSA and SHA-256.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5280 RFC 5280: Internet X.509 Public Key Infrastructure Certificate
final class CertificateWriter {
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    private static final String COMMON_NAME = "2.5.4.3";
    private static final String ORGANIZATION = "2.5.4.10";
    private static final String SUBJECT_KEY_ID = "2.5.29.14";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String SUBJECT_ALT_NAME = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String AUTHORITY_KEY_ID = "2.5.29.35";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    private final SecureRandom random;

    CertificateWriter(SecureRandom random) {
        this.random = random;
    }

    /// A certificate authority that vouches for itself.
    Identity authority(CertificateOrder order) {
        KeyPair pair = keyPair();
        return signed(order, subject(order), pair, pair);
    }

    /// A new key with a certificate that `issuer` signs.
    Identity issue(CertificateOrder order, Identity issuer) {
        byte[] issuerName = issuer.certificate().getSubjectX500Principal().getEncoded();
        return signed(
                order, issuerName, keyPair(), new KeyPair(issuer.certificate().getPublicKey(), issuer.key()));
    }

    private Identity signed(CertificateOrder order, byte[] issuerName, KeyPair pair, KeyPair issuer) {
        byte[] body = Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(127, random).setBit(126)),
                ECDSA_WITH_SHA256,
                issuerName,
                Der.sequence(Der.time(order.notBefore()), Der.time(order.notAfter())),
                subject(order),
                pair.getPublic().getEncoded(),
                Der.explicit(3, extensions(order.use(), pair.getPublic(), issuer.getPublic())));
        byte[] certificate = Der.sequence(body, ECDSA_WITH_SHA256, Der.bitString(signature(body, issuer.getPrivate())));
        return new Identity(parsed(certificate), pair.getPrivate());
    }

    private static byte[] subject(CertificateOrder order) {
        List<byte[]> parts = new ArrayList<>();
        if (order.use() instanceof Use.Client client) {
            parts.add(Der.set(Der.sequence(Der.oid(ORGANIZATION), Der.utf8(client.group()))));
        }
        parts.add(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.utf8(order.name()))));
        return Der.sequence(parts.toArray(byte[][]::new));
    }

    private static byte[] extensions(Use use, PublicKey subject, PublicKey issuer) {
        List<byte[]> extensions = new ArrayList<>();
        switch (use) {
            case Use.Authority authority -> {
                byte[] mayNotSignAuthorities = Der.integer(BigInteger.ZERO);
                extensions.add(critical(BASIC_CONSTRAINTS, Der.sequence(Der.bool(true), mayNotSignAuthorities)));
                extensions.add(critical(KEY_USAGE, Der.namedBits(KEY_CERT_SIGN, CRL_SIGN)));
            }
            case Use.Server server -> {
                extensions.addAll(leaf(SERVER_AUTH));
                byte[][] names = server.names().stream()
                        .map(CertificateWriter::alternativeName)
                        .toArray(byte[][]::new);
                extensions.add(extension(SUBJECT_ALT_NAME, Der.sequence(names)));
            }
            case Use.Client client -> extensions.addAll(leaf(CLIENT_AUTH));
        }
        extensions.add(extension(SUBJECT_KEY_ID, Der.octetString(keyId(subject))));
        extensions.add(extension(AUTHORITY_KEY_ID, Der.sequence(Der.implicit(0, keyId(issuer)))));
        return Der.sequence(extensions.toArray(byte[][]::new));
    }

    private static List<byte[]> leaf(String purpose) {
        return List.of(
                critical(BASIC_CONSTRAINTS, Der.sequence()),
                critical(KEY_USAGE, Der.namedBits(DIGITAL_SIGNATURE)),
                extension(EXTENDED_KEY_USAGE, Der.sequence(Der.oid(purpose))));
    }

    private static byte[] alternativeName(String name) {
        if (!isAddress(name)) {
            return Der.implicit(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII));
        }
        return Der.implicit(IP_ADDRESS, InetAddress.ofLiteral(name).getAddress());
    }

    static boolean isAddress(String name) {
        return ADDRESS.matcher(name).matches();
    }

    private static byte[] extension(String oid, byte[] value) {
        return Der.sequence(Der.oid(oid), Der.octetString(value));
    }

    private static byte[] critical(String oid, byte[] value) {
        return Der.sequence(Der.oid(oid), Der.bool(true), Der.octetString(value));
    }

    /// The leftmost 160 bits of the SHA-256 of the key.
    ///
    /// @spec https://www.rfc-editor.org/rfc/rfc7093#section-2 RFC 7093: method 4 for key identifiers
    private static byte[] keyId(PublicKey key) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), 20);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has the curve P-256", e);
        }
    }

    private byte[] signature(byte[] body, PrivateKey key) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key, random);
            signature.update(body);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sign a certificate", e);
        }
    }

    private static X509Certificate parsed(byte[] certificate) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("parse the certificate just written", e);
        }
    }
}
