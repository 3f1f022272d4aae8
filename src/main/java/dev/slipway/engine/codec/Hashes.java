package dev.slipway.engine.codec;

import dev.slipway.engine.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/// Makes the fastest hash that this host has.
public final class Hashes {
    private static final byte[] PROOF = "a text that is longer than one block of the hash, so that two are computed"
            .getBytes(StandardCharsets.US_ASCII);

    private Hashes() {}

    /// Looked for when the first hash is made: binding takes some milliseconds.
    private static final class Holder {
        private static final Optional<HostLibrary<LibCrypto>> LIBRARY =
                HostLibrary.open(LibCrypto.class, "libcrypto.so.3", Hashes::isRight);
    }

    /// A fresh SHA-256, for one thread.
    public static MessageDigest sha256() {
        return Holder.LIBRARY.<MessageDigest>map(OpenSslSha256::new).orElseGet(Digest::sha256Hasher);
    }

    /// A fresh hash of the algorithm of `digest`, for one thread.
    public static MessageDigest of(Digest digest) {
        return digest.isSha256() ? sha256() : digest.hasher();
    }

    private static boolean isRight(HostLibrary<LibCrypto> library) {
        return MessageDigest.isEqual(
                new OpenSslSha256(library).digest(PROOF), Digest.sha256Hasher().digest(PROOF));
    }
}
