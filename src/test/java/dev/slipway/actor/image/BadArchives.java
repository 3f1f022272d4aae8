package dev.slipway.actor.image;

import static dev.slipway.engine.archive.ArchiveFormat.DOCKER_ARCHIVE;
import static dev.slipway.engine.archive.ArchiveFormat.OCI_LAYOUT;
import static dev.slipway.engine.archive.ArchiveFormat.ROOTFS_TAR;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.slipway.engine.archive.ArchiveFormat;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Files that no image should be taken from, each with a name and with what the refusal has to say of it.
final class BadArchives {
    private static final String DOCKER = "[{\"Config\":\"c.json\",\"RepoTags\":[],\"Layers\":[\"l.tar\"]}]";

    private final List<BadArchive> all = new ArrayList<>();

    private BadArchives() {}

    /// @param why an expression that the message of the refusal matches in part
    record BadArchive(String name, ArchiveFormat format, Writer writer, String why) {
        @Override
        public String toString() {
            return name;
        }
    }

    interface Writer {
        /// @param file is not there yet
        void to(Path file) throws IOException;
    }

    private interface Change {
        void on(ForgedImage image) throws IOException;
    }

    private interface Filling {
        void of(TestTar tar, ForgedImage image) throws IOException;
    }

    static List<BadArchive> all() {
        BadArchives bad = new BadArchives();
        bad.addFiles();
        bad.addWholes();
        bad.addDockerArchives();
        bad.addLayouts();
        bad.addIndexes();
        return bad.all;
    }

    private void add(String name, ArchiveFormat format, Writer writer, String why) {
        all.add(new BadArchive(name, format, writer, why));
    }

    private void addFiles() {
        add("a file that is not there", ROOTFS_TAR, file -> {}, "there is no file /");
        add("a pipe", ROOTFS_TAR, file -> Command.run("mkfifo", file.toString()), "is no file");
        add("a device", DOCKER_ARCHIVE, file -> Command.run("mknod", file.toString(), "c", "1", "5"), "is no file");
        add(
                "a directory with a pipe in place of its index",
                OCI_LAYOUT,
                file -> Command.run(
                        "mkfifo",
                        Files.createDirectory(file).resolve("index.json").toString()),
                "has no file index.json");
        add(
                "a directory with a link in place of its index",
                OCI_LAYOUT,
                file -> Files.createSymbolicLink(
                        Files.createDirectory(file).resolve("index.json"), Path.of("/etc/passwd")),
                "has no file index.json");
        byte[] cut = Arrays.copyOf(new byte[] {0x1f, (byte) 0x8b, 8}, 30);
        add("a compressed file that is cut", ROOTFS_TAR, file -> Files.write(file, cut), "gzip: ");
        byte[] zeros = new byte[3 << 20];
        add(
                "a decompression bomb",
                ROOTFS_TAR,
                file -> Files.write(file, ForgedImage.gzip(zeros)),
                "more than the 2097152 bytes");
        add(
                "a decompression bomb around an image",
                OCI_LAYOUT,
                file -> Files.write(file, ForgedImage.gzip(zeros)),
                "more than the 2097152 bytes");
    }

    /// What is wrong with the archive around an image, whatever the image is.
    private void addWholes() {
        docker("a device in an archive", (tar, image) -> tar.node('3', "d", 1, 3), "entry d: it is a device or a pipe");
        docker(
                "a pipe in an archive",
                (tar, image) -> tar.entry('6', "p", "", new byte[0]),
                "it is a device or a pipe");
        docker("a name that leads out of an archive", (tar, image) -> tar.file("../evil", "x"), "leads out");
        docker("a hard link out of an archive", (tar, image) -> tar.hardLink("l", "../../etc/passwd"), "leads out");
        docker("an archive of too many files", BadArchives::fill, "more than the 1100 entries");
        docker(
                "what would hide the manifest in a layer",
                (tar, image) -> tar.file(".wh.manifest.json", ""),
                "has no file manifest.json");
    }

    private static void fill(TestTar tar, ForgedImage image) {
        tar.file("f", "");
        for (int i = 0; i < 1100; i++) {
            tar.hardLink("f" + i, "f");
        }
    }

    private void docker(String name, Filling filling, String why) {
        add(
                name,
                DOCKER_ARCHIVE,
                file -> {
                    TestTar tar = new TestTar();
                    filling.of(tar, ForgedImage.of(name));
                    Files.write(file, tar.ended());
                },
                why);
    }

    private void addDockerArchives() {
        docker("a manifest that is not JSON", (tar, image) -> tar.file("manifest.json", "<"), "is not JSON");
        docker("a manifest of no image", (tar, image) -> tar.file("manifest.json", "[]"), "names 0 images");
        docker("a manifest of two images", (tar, image) -> tar.file("manifest.json", "[{},{}]"), "names 2 images");
        docker("a manifest of an image of nothing", (tar, image) -> tar.file("manifest.json", "[{}]"), "has no file");
        docker(
                "a config outside of the archive",
                (tar, image) -> tar.file("manifest.json", DOCKER.replace("c.json", "../../../../../etc/passwd")),
                "has no file \\.\\./");
        docker(
                "a config that is a link to outside",
                (tar, image) -> tar.symlink("c.json", "/etc/passwd").file("manifest.json", DOCKER),
                "has no file c.json");
        changed(
                "a config for another machine",
                image -> image.config("@architecture@", "s390x"),
                "it is for linux/s390x");
        changed(
                "a config that is too large",
                image -> image.config("\"config\":{}", "\"config\":{\"User\":\"%s\"}".formatted("x".repeat(50_000))),
                "larger than 49152 bytes");
        changed(
                "a config of other layers",
                image -> image.config("@diffId@", "" + Digest.sha256(new byte[1])),
                "is not the one");
        changed("a config of no layers", image -> image.config("\"@diffId@\"", ""), "different numbers of layers");
        changed(
                "a layer that leads out",
                image -> image.archive(new TestTar().file("../evil", "x").ended()),
                "entry ../evil: its name leads out");
        changed(
                "a layer that is a bomb",
                image -> image.archive(ForgedImage.gzip(new byte[3 << 20])),
                "more than the 2097152 bytes");
        docker(
                "a layer that is not there",
                (tar, image) -> tar.file("c.json", text(image.config())).file("manifest.json", DOCKER),
                "has no file l.tar");
        docker(
                "more layers than an image may have",
                (tar, image) -> {
                    image.config("\"@diffId@\"", "\"@diffId@\",".repeat(500) + "\"@diffId@\"");
                    fill(tar, image, DOCKER.replace("\"l.tar\"", "\"l.tar\",".repeat(500) + "\"l.tar\""));
                },
                "more than 500 layers");
    }

    private void changed(String name, Change change, String why) {
        docker(
                name,
                (tar, image) -> {
                    change.on(image);
                    fill(tar, image, DOCKER);
                },
                why);
    }

    private static void fill(TestTar tar, ForgedImage image, String manifest) {
        tar.file("c.json", text(image.config()))
                .file("l.tar", text(image.archive()))
                .file("manifest.json", manifest);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private void addLayouts() {
        layout("a layout without an index", (tar, image) -> tar.file("oci-layout", "{}"), "has no file index.json");
        layout(
                "an index that is an image",
                (tar, image) -> tar.file("index.json", text(image.manifest())),
                "manifest came as .*index.v1\\+json and says it is .*manifest");
        layout("an index that is not JSON", (tar, image) -> tar.file("index.json", "{"), "is not JSON");
        layout(
                "an index that is too large",
                (tar, image) -> tar.file("index.json", " ".repeat(70_000) + "{}"),
                "larger than 65536 bytes");
        layout("an index of nothing", (tar, image) -> tar.file("index.json", """
                {"schemaVersion":2,"manifests":[]}
                """), "it has no image for");
        layout(
                "blobs that are not there",
                (tar, image) -> index(tar, Descriptor.of(MediaType.OCI_MANIFEST, image.manifest())),
                "has no file blobs/sha256/");
        layout(
                "a manifest of other bytes",
                (tar, image) -> {
                    byte[] manifest = image.manifest();
                    index(tar, Descriptor.of(MediaType.OCI_MANIFEST, manifest));
                    blob(tar, Digest.sha256(manifest), changed(manifest));
                },
                "is not what the archive has under this name");
        layout(
                "a layer of other bytes",
                (tar, image) -> whole(tar, image, image.config(), changed(image.layer())),
                "has another digest");
        layout(
                "a config of other bytes",
                (tar, image) -> whole(tar, image, changed(image.config()), image.layer()),
                "has another digest");
        layout(
                "a layer longer than its size",
                (tar, image) -> whole(tar, image, image.config(), Arrays.copyOf(image.layer(), 70_000)),
                "is longer than the announced");
        layout(
                "a layer cut in an archive",
                (tar, image) -> whole(tar, image, image.config(), Arrays.copyOf(image.layer(), 9)),
                "bytes instead of");
    }

    private void layout(String name, Filling filling, String why) {
        add(
                name,
                OCI_LAYOUT,
                file -> {
                    TestTar tar = new TestTar();
                    filling.of(tar, ForgedImage.of(name));
                    Files.write(file, tar.ended());
                },
                why);
    }

    /// A layout whose image may be wrong in itself.
    private void image(String name, Change change, String why) {
        layout(
                name,
                (tar, image) -> {
                    change.on(image);
                    whole(tar, image, image.config(), image.layer());
                },
                why);
    }

    private static void whole(TestTar tar, ForgedImage image, byte[] config, byte[] layer) {
        byte[] manifest = image.manifest();
        index(tar, Descriptor.of(MediaType.OCI_MANIFEST, manifest));
        blob(tar, Digest.sha256(manifest), manifest);
        blob(tar, Digest.sha256(image.config()), config);
        blob(tar, Digest.sha256(image.layer()), layer);
    }

    private static void blob(TestTar tar, Digest digest, byte[] bytes) {
        tar.file("blobs/sha256/" + digest.hex(), text(bytes));
    }

    private static void index(TestTar tar, Descriptor entry) {
        tar.file("index.json", text(ForgedImage.index(entry, Platform.host().architecture())));
    }

    private static byte[] changed(byte[] bytes) {
        byte[] other = bytes.clone();
        other[other.length / 2] ^= 1;
        return other;
    }

    private void addIndexes() {
        layout(
                "an index without this machine",
                (tar, image) -> {
                    Descriptor entry = Descriptor.of(MediaType.OCI_MANIFEST, image.manifest());
                    tar.file("index.json", text(ForgedImage.index(entry, "s390x")));
                },
                "it has no image for");
        layout(
                "indexes inside one another without end",
                (tar, image) -> {
                    Descriptor inner = Descriptor.of(MediaType.OCI_MANIFEST, image.manifest());
                    for (int i = 0; i < 4; i++) {
                        byte[] index = ForgedImage.index(inner, Platform.host().architecture());
                        inner = Descriptor.of(MediaType.OCI_INDEX, index);
                        blob(tar, inner.digest(), index);
                    }
                    index(tar, inner);
                },
                "an index in an index in an index");
        image(
                "an image for another machine",
                image -> image.config("@architecture@", "s390x"),
                "it is for linux/s390x");
        image(
                "an image with a config of exabytes",
                image -> image.manifest("@configSize@", "" + Long.MAX_VALUE),
                "its config has %d bytes, more than the 49152".formatted(Long.MAX_VALUE));
        image(
                "an image with a layer of exabytes",
                image -> image.manifest("@layerSize@", "" + Long.MAX_VALUE),
                "has \\d+ bytes instead of " + Long.MAX_VALUE);
        image(
                "an image with a layer of an unknown type",
                image -> image.manifest("oci.image.layer.v1", "cncf.helm.chart.content.v1"),
                "not a container image");
        image(
                "an image with a config of an unknown type",
                image -> image.manifest("oci.image.config.v1", "cncf.helm.config.v1"),
                "not a container image");
        image(
                "an image of another diffID",
                image -> image.config("@diffId@", "" + Digest.sha256(new byte[1])),
                "is not the diffID of the archive");
        image(
                "an image with a layer that leads out",
                image -> image.archive(
                        new TestTar().hardLink("a", "../../etc/passwd").ended()),
                "entry a: its name leads out");
    }
}
