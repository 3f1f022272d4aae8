package dev.slipway.actor.image;

import dev.slipway.engine.layer.GzipStream;
import dev.slipway.engine.layer.LayerPacker;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// An image of one small layer, served by a registry.
///
/// @param layer the packed layer
record ServedImage(Digest digest, Descriptor layer) {
    /// @param content what its file `/content` holds
    static ServedImage of(HostileRegistry registry, String tag, String content) throws IOException {
        Path tree = Files.createTempDirectory("layer");
        Files.writeString(tree.resolve("content"), content);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        LayerPacker.pack(tree, archive, Instant.EPOCH);
        Files.delete(tree.resolve("content"));
        Files.delete(tree);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GzipStream gzip = new GzipStream(packed)) {
            gzip.write(archive.toByteArray());
        }
        Descriptor layer = registry.blob(MediaType.OCI_LAYER_GZIP, packed.toByteArray());
        byte[] config = ImageConfigCodec.write(new ImageConfig(
                Platform.host(),
                null,
                RunParameters.EMPTY,
                List.of(new DiffId(Digest.sha256(archive.toByteArray()))),
                List.of()));
        Descriptor configured = registry.blob(MediaType.OCI_CONFIG, config);
        byte[] manifest = ManifestCodec.write(new ImageManifest(configured, List.of(layer)));
        return new ServedImage(
                registry.manifest(tag, MediaType.OCI_MANIFEST, manifest).digest(), layer);
    }
}
