package dev.slipway.engine.image;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/// An image whose layers are a few bytes of text, packed with gzip.
public record TestImage(ImageManifest manifest, byte[] config, List<byte[]> blobs) {
    public static TestImage of(String... layers) {
        return of(Platform.host(), layers);
    }

    public static TestImage of(Platform platform, String... layers) {
        List<byte[]> blobs = Arrays.stream(layers).map(TestImage::gzip).toList();
        return of(platform, Arrays.stream(layers).map(TestImage::diffId).toList(), blobs);
    }

    /// An image that may say more or less than the truth.
    static TestImage of(Platform platform, List<DiffId> diffIds, List<byte[]> blobs) {
        byte[] config =
                ImageConfigCodec.write(new ImageConfig(platform, null, RunParameters.EMPTY, diffIds, List.of()));
        List<Descriptor> layers = blobs.stream()
                .map(blob -> Descriptor.of(MediaType.OCI_LAYER_GZIP, blob))
                .toList();
        return new TestImage(new ImageManifest(Descriptor.of(MediaType.OCI_CONFIG, config), layers), config, blobs);
    }

    /// Serves it; under `tag` too if it is not empty.
    public Descriptor serve(HostileRegistry registry, String tag) {
        registry.blob(MediaType.OCI_CONFIG, config);
        blobs.forEach(blob -> registry.blob(MediaType.OCI_LAYER_GZIP, blob));
        return registry.manifest(tag, MediaType.OCI_MANIFEST, ManifestCodec.write(manifest));
    }

    public Digest layer(int number) {
        return manifest.layers().get(number).digest();
    }

    static DiffId diffId(String layer) {
        return new DiffId(Digest.sha256(layer.getBytes(UTF_8)));
    }

    static byte[] gzip(String layer) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(layer.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
