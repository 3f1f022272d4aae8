package dev.slipway.actor.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.DocumentLimits;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Images that no registry should give, each with a name and with what the refusal has to say of it; and the ways in
/// which registries should not answer ([BadAnswers]). What is too large is so for [#LIMITS].
final class BadPulls {
    static final DocumentLimits LIMITS = new DocumentLimits(64 << 10, 48 << 10);
    private static final String GZIP = "layer.v1.tar+gzip";
    private final List<BadPull> all = new ArrayList<>();

    private BadPulls() {}

    /// @param why an expression that the message of the refusal matches in part
    record BadPull(String name, Trap trap, String why) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// Makes a registry bad.
    interface Trap {
        /// @param image good until now, and not yet in the registry
        void set(HostileRegistry registry, ForgedImage image) throws IOException;
    }

    private interface Change {
        void on(ForgedImage image) throws IOException;
    }

    static List<BadPull> all() {
        BadPulls bad = new BadPulls();
        bad.addCompression();
        bad.addDescriptors();
        bad.addConfigs();
        bad.addManifests();
        bad.all.addAll(BadAnswers.all());
        return bad.all;
    }

    /// An image that is wrong in itself.
    private void forged(String name, Change change, String why) {
        Trap trap = (registry, image) -> {
            change.on(image);
            image.serve(registry);
        };
        all.add(new BadPull(name, trap, why));
    }

    private void addCompression() {
        forged(
                "a truncated gzip stream",
                image -> image.packed(Arrays.copyOf(image.layer(), image.layer().length - 20)),
                "gzip: the stream is truncated");
        forged(
                "something after the end of a gzip stream",
                image -> image.packed(joined(image.layer(), "more".getBytes(UTF_8))),
                "where a member must begin");
        forged(
                "a gzip stream with a wrong sum",
                image -> {
                    byte[] bytes = image.layer().clone();
                    bytes[bytes.length - 8] ^= 1;
                    image.packed(bytes);
                },
                "not what its sum and length say");
        forged("a layer called gzip that is none", image -> image.packed(image.archive()), "a member must begin");
        forged(
                "a truncated zstd stream",
                image -> image.manifest(GZIP, "layer.v1.tar+zstd")
                        .packed(Arrays.copyOf(
                                Zstd.compress(image.archive()), Zstd.compress(image.archive()).length - 10)),
                "zstd: ");
        forged(
                "something after the end of a zstd stream",
                image -> image.manifest(GZIP, "layer.v1.tar+zstd")
                        .packed(joined(Zstd.compress(image.archive()), "more and more".getBytes(UTF_8))),
                "zstd: ");
        forged(
                "a compressed layer called plain",
                image -> image.manifest(GZIP, "layer.v1.tar"),
                "not a tar header|not octal|ends within an entry");
        forged(
                "a decompression bomb",
                image -> image.archive(
                        new TestTar().file("bomb", "\0".repeat(3 << 20)).ended()),
                "more than the 2097152 that are allowed");
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private void addDescriptors() {
        forged(
                "a layer that is another than its config says",
                image -> image.config("@diffId@", Digest.sha256(new byte[1]).value()),
                "is not the diffID of the archive");
        forged("a layer of exabytes", image -> image.manifest("@layerSize@", "" + Long.MAX_VALUE), "that are allowed");
        forged("a layer of a negative size", image -> image.manifest("@layerSize@", "-1"), "is missing or negative");
        forged("a layer without a size", image -> image.manifest(",\"size\":@layerSize@", ""), "size is missing");
        forged("a size that is no number", image -> image.manifest("@layerSize@", "1.5"), "is not a whole number");
        forged(
                "a layer of an unknown type",
                image -> image.manifest("oci.image.layer.v1", "cncf.helm.chart.content.v1"),
                "not a container image: it has a layer of type");
        forged(
                "a config of an unknown type",
                image -> image.manifest("oci.image.config.v1", "cncf.helm.config.v1"),
                "not a container image: it has a config of type");
        forged("a digest that is none", image -> image.manifest("@layer@", "sha256:../../../etc"), "is not a digest");
        forged("a digest of an unknown kind", image -> image.manifest("@layer@", "md5:0123"), "is not a digest");
    }

    private void addConfigs() {
        forged(
                "a config that is too large",
                image -> image.config("\"config\":{}", "\"config\":{\"User\":\"%s\"}".formatted("x".repeat(50_000))),
                "config has \\d+ bytes, more than the 49152");
        forged("a config that is not JSON", image -> image.config("{", "<"), "config is not JSON");
        forged("a config that is no text", image -> image.config("layers", "\u00ff\u00fe"), "config is not JSON");
        forged("a config without a platform", image -> image.config("\"os\"", "\"so\""), "config.os is missing");
        forged("a config for another machine", image -> image.config("@architecture@", "s390x"), "s390x");
        forged("a config of another kind of files", image -> image.config("layers", "bits"), "rootfs.type is not");
        forged(
                "a config of more layers than there are",
                image -> image.config("[\"@diffId@\"]", "[\"@diffId@\",\"@diffId@\"]"),
                "the manifest has 1 layers and its config 2");
        forged(
                "a config that says a thing twice",
                image -> image.config("{\"os\"", "{\"os\":\"x\",\"os\""),
                "Duplicate");
    }

    private void addManifests() {
        forged(
                "a manifest that is too large",
                image -> image.manifest("{\"schema", " ".repeat(70_000) + "{\"schema"),
                "more than the 65536 bytes");
        forged(
                "a manifest nested without end",
                image -> image.manifest(
                        "\"schemaVersion\"", "\"x\":" + "[".repeat(5000) + "]".repeat(5000) + ",\"schemaVersion\""),
                "manifest is not JSON: .*nesting");
        forged(
                "a manifest that says a thing twice",
                image -> image.manifest("{\"schemaV", "{\"layers\":[],\"schemaV"),
                "Duplicate");
        forged(
                "a manifest of another version",
                image -> image.manifest("\"schemaVersion\":2", "\"schemaVersion\":1"),
                "only 2 is");
        forged(
                "a manifest that is an index, too",
                image -> image.manifest("{\"schema", "{\"manifests\":[],\"schema"),
                "of an index");
        forged(
                "a manifest of an unknown type",
                image -> image.manifest("manifest.v1+json", "manifest.v9+json"),
                "says it is");
        forged(
                "a manifest that says it is an index",
                image -> image.manifest("image.manifest", "image.index"),
                "says it is");
        forged("a manifest without a config", image -> image.manifest("\"config\"", "\"fig\""), "has other members");
        String layer = "{\"mediaType\":\"x\",\"digest\":\"%s\",\"size\":1},".formatted(Digest.sha256(new byte[1]));
        forged(
                "a manifest of too many layers",
                image -> image.manifest("[", "[" + layer.repeat(501)),
                "more than 500 entries|more than the 65536 bytes");
    }
}
