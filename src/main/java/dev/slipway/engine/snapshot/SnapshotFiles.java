package dev.slipway.engine.snapshot;

import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import java.nio.file.Path;
import java.util.Optional;

/// The layout of the directory of snapshots; does no I/O.
record SnapshotFiles(Path root) {
    private static final int SHA256_DIGITS = 64;

    Path boot() {
        return root.resolve("boot");
    }

    Path layers() {
        return root.resolve("layers");
    }

    Path layer(DiffId layer) {
        return layers().resolve(layer.digest().hex());
    }

    Path tree(DiffId layer) {
        return tree(layer(layer));
    }

    Path durable(DiffId layer) {
        return layer(layer).resolve("durable");
    }

    Path stagings() {
        return root.resolve("staging");
    }

    Path staging(long number) {
        return stagings().resolve(Long.toString(number));
    }

    Path writables() {
        return root.resolve("writable");
    }

    Path writable(SnapshotKey key) {
        return writables().resolve(key.value());
    }

    /// The tree in the directory of a layer or of a staging.
    static Path tree(Path directory) {
        return directory.resolve("tree");
    }

    /// What the layer in a directory of a layer or of a staging leaves open.
    static Path looseEnds(Path directory) {
        return directory.resolve("loose");
    }

    static WritableLayer writable(Path directory) {
        return new WritableLayer(directory.resolve("upper"), directory.resolve("work"));
    }

    /// The layer that a directory of [#layers] is named after; empty if the name is none of ours.
    static Optional<DiffId> layerOf(Path directory) {
        String hex = String.valueOf(directory.getFileName());
        return Digest.parse((hex.length() == SHA256_DIGITS ? "sha256:" : "sha512:") + hex)
                .map(DiffId::new);
    }
}
