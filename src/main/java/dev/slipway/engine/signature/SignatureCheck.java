package dev.slipway.engine.signature;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.Manifest;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Looks for a signature in cosign's simple signing format: a manifest whose layers are signed statements about one
/// digest, stored under a tag made of that digest, or as its referrer.
///
/// @spec https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md Cosign Signature Specification
final class SignatureCheck {
    private static final String STATEMENT = "application/vnd.dev.cosign.simplesigning.v1+json";
    private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
    private static final String TYPE = "cosign container image signature";
    private static final long LARGEST_STATEMENT_BYTES = 1 << 20;
    private static final int MOST_REFERRERS = 50;
    private static final Map<String, String> ALGORITHMS =
            Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "Ed25519", "Ed25519");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /// Where signatures are looked for.
    interface Source {
        /// Empty if there is no such tag.
        Optional<Manifest> tagged(String tag) throws IOException;

        Manifest manifest(Digest digest) throws IOException;

        List<Descriptor> referrers(Digest subject) throws IOException;

        /// A small blob whole, verified.
        byte[] blob(Descriptor blob) throws IOException;
    }

    private final Source source;
    private final PublicKey key;

    private SignatureCheck(Source source, PublicKey key) {
        this.source = source;
        this.key = key;
    }

    /// @throws UnverifiedImageException when the key cannot be read
    static SignatureCheck by(String publicKeyPem, Source source) throws UnverifiedImageException {
        return new SignatureCheck(source, key(publicKeyPem));
    }

    private static PublicKey key(String pem) throws UnverifiedImageException {
        String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                X509EncodedKeySpec spec =
                        new X509EncodedKeySpec(Base64.getDecoder().decode(base64));
                return KeyFactory.getInstance(algorithm).generatePublic(spec);
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                // It may be of another algorithm.
                continue;
            }
        }
        throw new UnverifiedImageException("there is no public key that signatures could be checked with");
    }

    /// Whether the key has signed one of `digests`, which name the same image.
    boolean isSigned(Collection<Digest> digests) throws IOException {
        for (Digest digest : digests) {
            for (ImageManifest manifest : candidates(digest)) {
                for (Descriptor statement : manifest.layers()) {
                    if (isGood(statement, digest)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private List<ImageManifest> candidates(Digest digest) throws IOException {
        List<ImageManifest> found = new ArrayList<>();
        if (source.tagged(digest.algorithm() + "-" + digest.hex() + ".sig").orElse(null)
                instanceof ImageManifest tagged) {
            found.add(tagged);
        }
        List<Descriptor> referrers = source.referrers(digest);
        for (Descriptor referrer : referrers.subList(0, Math.min(referrers.size(), MOST_REFERRERS))) {
            if (referrer.mediaType().isManifest()
                    && source.manifest(referrer.digest()) instanceof ImageManifest manifest) {
                found.add(manifest);
            }
        }
        return found;
    }

    private boolean isGood(Descriptor statement, Digest digest) throws IOException {
        String signature = statement.annotations().getOrDefault(SIGNATURE, "");
        if (!statement.mediaType().value().equals(STATEMENT)
                || signature.isEmpty()
                || statement.sizeBytes() > LARGEST_STATEMENT_BYTES) {
            return false;
        }
        byte[] payload = source.blob(statement);
        return isSigned(payload, signature) && isAbout(payload, digest);
    }

    private boolean isSigned(byte[] payload, String signature) {
        String algorithm = ALGORITHMS.getOrDefault(key.getAlgorithm(), ALGORITHMS.getOrDefault("Ed25519", ""));
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(payload);
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isAbout(byte[] payload, Digest digest) throws IOException {
        try {
            JsonNode critical = MAPPER.readTree(payload).path("critical");
            return critical.path("type").asText().equals(TYPE)
                    && critical.at("/image/docker-manifest-digest").asText().equals(digest.value());
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
