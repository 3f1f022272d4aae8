package dev.slipway.actor.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.engine.codec.GzipStream;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/// An image of one layer, told part by part, so that each part can be wrong. In a registry it has the tag `bad`.
final class ForgedImage {
    static final String TAG = "bad";

    private static final String MANIFEST = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"@config@","size":@configSize@},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"@layer@","size":@layerSize@}]}
            """;
    private static final String CONFIG = """
            {"os":"@os@","architecture":"@architecture@","config":{},"rootfs":{"type":"layers","diff_ids":["@diffId@"]}}
            """;

    private byte[] archive;
    private byte[] layer;
    private String config = CONFIG;
    private String manifest = MANIFEST;

    private ForgedImage(byte[] archive) throws IOException {
        this.archive = archive;
        this.layer = gzip(archive);
    }

    /// One that is as it should be, with a file that holds `content`.
    static ForgedImage of(String content) throws IOException {
        return new ForgedImage(new TestTar().file("content", content).ended());
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GzipStream gzip = new GzipStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    /// Another archive, packed as it should be.
    ForgedImage archive(byte[] other) throws IOException {
        archive = other;
        layer = gzip(other);
        return this;
    }

    /// Other bytes in place of the packed layer, named rightly.
    ForgedImage packed(byte[] other) {
        layer = other;
        return this;
    }

    /// Another word in the manifest.
    ForgedImage manifest(String word, String other) {
        manifest = replaced(manifest, word, other);
        return this;
    }

    /// Another word in the config, which the manifest names rightly.
    ForgedImage config(String word, String other) {
        config = replaced(config, word, other);
        return this;
    }

    private static String replaced(String text, String word, String other) {
        if (!text.contains(word)) {
            throw new IllegalArgumentException(word + " is not in " + text);
        }
        return text.replace(word, other);
    }

    byte[] archive() {
        return archive;
    }

    byte[] layer() {
        return layer;
    }

    byte[] config() {
        return filled(
                config,
                Map.of(
                        "os",
                        Platform.host().os(),
                        "architecture",
                        Platform.host().architecture(),
                        "diffId",
                        Digest.sha256(archive).value()));
    }

    byte[] manifest() {
        return filled(
                manifest,
                Map.of(
                        "config",
                        Digest.sha256(config()).value(),
                        "configSize",
                        "" + config().length,
                        "layer",
                        Digest.sha256(layer).value(),
                        "layerSize",
                        "" + layer.length));
    }

    private static byte[] filled(String text, Map<String, String> values) {
        String filled = text;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace("@" + value.getKey() + "@", value.getValue());
        }
        // Latin-1, so that bytes which are no text can be told, too.
        return filled.getBytes(ISO_8859_1);
    }

    /// Puts all of it into a registry.
    Descriptor serve(HostileRegistry registry) {
        registry.blob(MediaType.OCI_LAYER_GZIP, layer);
        registry.blob(MediaType.OCI_CONFIG, config());
        return registry.manifest(TAG, MediaType.OCI_MANIFEST, manifest());
    }

    /// Puts an index with this one entry into a registry, under the tag.
    static Descriptor serveIndex(HostileRegistry registry, Descriptor entry, String architecture) {
        return registry.manifest(TAG, MediaType.OCI_INDEX, index(entry, architecture));
    }

    static byte[] index(Descriptor entry, String architecture) {
        return """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
                 {"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}]}
                """.formatted(entry.mediaType(), entry.digest(), entry.sizeBytes(), architecture)
                .getBytes(UTF_8);
    }
}
