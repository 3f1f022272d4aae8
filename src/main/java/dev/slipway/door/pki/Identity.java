package dev.slipway.door.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A certificate and the private key that belongs to it; in a file, one PEM text with both, so that they can never be
/// of different ages.
public record Identity(X509Certificate certificate, PrivateKey key) {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    /// The certificate alone, to hand out.
    public String certificatePem() {
        return pem(certificate);
    }

    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("encode a certificate that was parsed", e);
        }
    }

    /// The private key as PKCS #8.
    public String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    byte[] bundle() {
        return (certificatePem() + keyPem()).getBytes(StandardCharsets.US_ASCII);
    }

    /// Reads what [#bundle] wrote; `source` names it in messages.
    static Identity read(byte[] bundle, String source) throws IOException {
        String text = new String(bundle, StandardCharsets.US_ASCII);
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(unpem("CERTIFICATE", text, source)));
            PrivateKey key = KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(unpem("PRIVATE KEY", text, source)));
            return new Identity(certificate, key);
        } catch (GeneralSecurityException e) {
            throw new IOException("read certificate and key of " + source + ": " + e.getMessage(), e);
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static byte[] unpem(String label, String text, String source) throws IOException {
        Matcher block = Pattern.compile("-----BEGIN " + label + "-----([^-]*)-----END " + label + "-----")
                .matcher(text);
        if (!block.find()) {
            throw new IOException("read " + source + ": no " + label + " block");
        }
        return Base64.getMimeDecoder().decode(block.group(1));
    }

    /// The subject only: a key never reaches a log.
    @Override
    public String toString() {
        return certificate.getSubjectX500Principal().getName();
    }
}
