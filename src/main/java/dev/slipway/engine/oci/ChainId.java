package dev.slipway.engine.oci;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;

/// Names a stack of layers: the same layers on another base are another chain.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid OCI Image Spec: Layer ChainID
public record ChainId(Digest digest) {
    /// The chain of `layers`, bottom first.
    public static ChainId of(List<DiffId> layers) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a chain has at least one layer");
        }
        ChainId chain = new ChainId(layers.getFirst().digest());
        for (DiffId layer : layers.subList(1, layers.size())) {
            chain = chain.then(layer);
        }
        return chain;
    }

    /// This chain with one more layer on top.
    public ChainId then(DiffId layer) {
        return new ChainId(Digest.sha256((digest + " " + layer).getBytes(US_ASCII)));
    }

    @Override
    public String toString() {
        return digest.toString();
    }
}
