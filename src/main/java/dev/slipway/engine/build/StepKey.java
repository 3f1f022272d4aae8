package dev.slipway.engine.build;

import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/// Hashes what decides a layer's content. Every value goes in with its length, so that no two lists of values look
/// alike.
final class StepKey {
    /// Changes whenever the same inputs come to make another layer.
    private static final String MAKE = "slipway-layer-2";

    private final MessageDigest hash = Digest.sha256Hasher();

    /// @param below the layers that the step stands on, bottom first
    StepKey(List<DiffId> below) {
        add(MAKE);
        add("below", below.size());
        below.forEach(layer -> add(layer.toString()));
    }

    StepKey add(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        hash.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
        hash.update(bytes);
        return this;
    }

    StepKey add(String name, long value) {
        return add(name).add(Long.toString(value));
    }

    /// The key; nothing can be added after it.
    Digest end() {
        return Digest.ofSha256(hash);
    }
}
