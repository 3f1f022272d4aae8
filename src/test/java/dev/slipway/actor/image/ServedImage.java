package dev.slipway.actor.image;

import dev.slipway.engine.codec.GzipStream;
import dev.slipway.engine.layer.LayerLimits;
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
import java.util.ArrayList;
import java.util.List;

/// An image of small layers, served by a registry. Layers of the same content are the same.
///
/// @param layer the topmost one, packed
record ServedImage(Digest digest, Descriptor layer) {
    /// @param contents what the file `/content` of each layer holds, lowest first
    static ServedImage of(HostileRegistry registry, String tag, String... contents) throws IOException {
        return of(registry, tag, List.of(), contents);
    }

    /// @param triggers for whatever is built on it
    static ServedImage of(HostileRegistry registry, String tag, List<String> triggers, String... contents)
            throws IOException {
        List<Descriptor> layers = new ArrayList<>();
        List<DiffId> diffIds = new ArrayList<>();
        for (String content : contents) {
            byte[] archive = archive(content);
            diffIds.add(new DiffId(Digest.sha256(archive)));
            layers.add(registry.blob(MediaType.OCI_LAYER_GZIP, packed(archive)));
        }
        byte[] config = ImageConfigCodec.write(
                new ImageConfig(Platform.host(), null, RunParameters.EMPTY, diffIds, List.of(), "ada", triggers));
        Descriptor configured = registry.blob(MediaType.OCI_CONFIG, config);
        byte[] manifest = ManifestCodec.write(new ImageManifest(configured, layers));
        return new ServedImage(
                registry.manifest(tag, MediaType.OCI_MANIFEST, manifest).digest(), layers.getLast());
    }

    private static byte[] archive(String content) throws IOException {
        Path tree = Files.createTempDirectory("layer");
        Files.writeString(tree.resolve("content"), content);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        LayerPacker.pack(tree, archive, Instant.EPOCH, LayerLimits.STANDARD);
        Files.delete(tree.resolve("content"));
        Files.delete(tree);
        return archive.toByteArray();
    }

    private static byte[] packed(byte[] archive) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GzipStream gzip = new GzipStream(packed)) {
            gzip.write(archive);
        }
        return packed.toByteArray();
    }
}
