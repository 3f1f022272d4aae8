package dev.slipway.engine.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.BuilderRig;
import dev.slipway.engine.image.DiskLayerTrees;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images as files, written here and read by other tools, and the other way round.
class ImageArchivesKernelTest {
    private static final String NAME = "docker.io/acme/web:1.0";

    @TempDir
    private Path directory;

    private BuilderRig rig;
    private BuilderRig other;
    private LocalImage image;

    @BeforeEach
    void open() throws Exception {
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")));
        other = new BuilderRig(Files.createDirectory(directory.resolve("other")));
        image = rig.built(
                        null,
                        "web",
                        new BuildStep.CopyFromHost(List.of("/bin/busybox"), false),
                        new BuildStep.CopyText("one", "/data/one", "1000:1001", 0640),
                        new BuildStep.CopyText("two", "/data/two", "0:0", 0644),
                        new BuildStep.Remove(List.of("/data/one")))
                .image();
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
        other.close();
    }

    private Path written(ArchiveFormat format) throws IOException {
        Path file = directory.resolve(format + ".tar");
        try (OutputStream out = Files.newOutputStream(file)) {
            archives(rig).write(image, NAME, format, out);
        }
        return file;
    }

    private LocalImage imported(Path source, ArchiveFormat format) throws Exception {
        return archives(other).take(source, format, Set.of(Reference.parse("acme/web:1.0")));
    }

    private static ImageArchives archives(BuilderRig rig) {
        return new ImageArchives(
                new ImageArchives.Rooms(
                        rig.images(),
                        rig.contentStore(),
                        new DiskLayerTrees(rig.snapshots(), LayerLimits.STANDARD, ForkJoinPool.commonPool()),
                        rig.snapshots()),
                ImageArchives.Limits.STANDARD);
    }

    /// The tree that skopeo and umoci find at a place.
    private String listing(String place) throws IOException {
        Path layout = Files.createTempDirectory(directory, "copy");
        Command.run("skopeo", "--insecure-policy", "copy", "-q", place, "oci:" + layout + ":copy");
        Command.run(
                "umoci",
                "unpack",
                "--image",
                layout + ":copy",
                layout.resolve("bundle").toString());
        return tree(layout.resolve("bundle/rootfs"));
    }

    private static String tree(Path tree) {
        return Command.run(
                "sh",
                "-c",
                "cd \"$0\" && find . -mindepth 1 -printf '%P %y %m %U %G %l\\n' | LC_ALL=C sort",
                tree.toString());
    }

    @Test
    @DisplayName("S08 an image goes to another host as an OCI layout, and is the same there")
    void an_oci_layout_is_the_same_image_elsewhere() throws Exception {
        Path archive = written(ArchiveFormat.OCI_LAYOUT);

        LocalImage there = imported(archive, ArchiveFormat.OCI_LAYOUT);

        assertEquals(image.digest(), there.digest());
        assertEquals(tree(rig.unpacked("web")), listing("oci-archive:" + archive));
    }

    @Test
    void an_oci_layout_may_be_a_directory() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Command.run("tar", "xf", written(ArchiveFormat.OCI_LAYOUT).toString(), "-C", layout.toString());

        assertEquals(image.digest(), imported(layout, ArchiveFormat.OCI_LAYOUT).digest());
    }

    @Test
    @DisplayName("S08 an image goes to Docker and comes back as a docker-archive")
    void a_docker_archive_is_read_by_others_and_here() throws Exception {
        Path archive = written(ArchiveFormat.DOCKER_ARCHIVE);

        LocalImage there = imported(archive, ArchiveFormat.DOCKER_ARCHIVE);

        assertEquals(image.layers(), there.layers());
        assertEquals(image.config(), there.config());
        assertEquals(tree(rig.unpacked("web")), listing("docker-archive:" + archive));
    }

    @Test
    void a_docker_archive_of_skopeo_is_taken() throws Exception {
        Path archive = directory.resolve("skopeo.tar");
        Command.run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "-q",
                "oci-archive:" + written(ArchiveFormat.OCI_LAYOUT),
                "docker-archive:" + archive + ":" + NAME);

        assertEquals(
                image.layers(), imported(archive, ArchiveFormat.DOCKER_ARCHIVE).layers());
    }

    @Test
    void a_root_file_system_becomes_one_layer() throws Exception {
        Path tar = directory.resolve("rootfs.tar.gz");
        Command.run("tar", "czf", tar.toString(), "-C", rig.unpacked("web").toString(), ".");

        LocalImage there = imported(tar, ArchiveFormat.ROOTFS_TAR);

        assertEquals(1, there.layers().size());
        assertEquals("two", Files.readString(other.layer(there, 0).resolve("data/two")));
    }

    @Test
    void an_archive_of_another_kind_is_refused_and_leaves_nothing() throws Exception {
        Path archive = written(ArchiveFormat.OCI_LAYOUT);
        Set<Object> before = new HashSet<>(other.contentStore().list());

        IOException refused = assertThrows(IOException.class, () -> imported(archive, ArchiveFormat.DOCKER_ARCHIVE));

        assertTrue(refused.getMessage().contains("the archive has no file manifest.json"), refused::toString);
        assertEquals(before, new HashSet<>(other.contentStore().list()));
        assertEquals(Set.of(), other.snapshots().layers());
    }

    @Test
    void an_archive_with_a_changed_layer_is_refused_and_leaves_nothing() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Command.run("tar", "xf", written(ArchiveFormat.OCI_LAYOUT).toString(), "-C", layout.toString());
        Path blob = layout.resolve("blobs/sha256")
                .resolve(image.manifest().layers().getLast().digest().hex());
        byte[] bytes = Files.readAllBytes(blob);
        bytes[bytes.length / 2] ^= 1;
        Files.write(blob, bytes);

        assertThrows(IOException.class, () -> imported(layout, ArchiveFormat.OCI_LAYOUT));

        assertEquals(Set.of(), other.contentStore().list());
        assertEquals(Set.of(), other.snapshots().layers());
    }

    @Test
    void what_an_archive_only_names_is_not_taken_from_the_host() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Command.run("tar", "xf", written(ArchiveFormat.OCI_LAYOUT).toString(), "-C", layout.toString());
        imported(layout, ArchiveFormat.OCI_LAYOUT);
        Files.delete(layout.resolve("blobs/sha256")
                .resolve(image.manifest().layers().getLast().digest().hex()));

        IOException refused = assertThrows(IOException.class, () -> imported(layout, ArchiveFormat.OCI_LAYOUT));

        assertTrue(refused.getMessage().contains("the archive has no file"), refused::toString);
        assertTrue(other.images().find(image.digest()).isPresent());
    }

    @Test
    void a_config_that_names_a_layer_of_this_host_beside_another_blob_is_refused() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Command.run("tar", "xf", written(ArchiveFormat.OCI_LAYOUT).toString(), "-C", layout.toString());
        imported(layout, ArchiveFormat.OCI_LAYOUT);
        Descriptor one = image.manifest().layers().getFirst();
        ImageConfig config = new ImageConfig(
                image.config().platform(),
                null,
                RunParameters.EMPTY,
                List.of(image.layers().getLast()),
                List.of());
        Descriptor lie = put(layout, MediaType.OCI_CONFIG, ImageConfigCodec.write(config));
        Descriptor manifest =
                put(layout, MediaType.OCI_MANIFEST, ManifestCodec.write(new ImageManifest(lie, List.of(one))));
        Files.write(
                layout.resolve("index.json"),
                ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(manifest), Map.of())));

        IOException refused = assertThrows(IOException.class, () -> imported(layout, ArchiveFormat.OCI_LAYOUT));

        assertTrue(refused.getMessage().contains("is not the diffID of the archive"), refused::toString);
        assertTrue(other.images().find(image.digest()).isPresent());
    }

    private static Descriptor put(Path layout, MediaType type, byte[] bytes) throws IOException {
        Descriptor descriptor = Descriptor.of(type, bytes);
        Files.write(layout.resolve("blobs/sha256").resolve(descriptor.digest().hex()), bytes);
        return descriptor;
    }

    @Test
    void what_is_no_file_is_not_waited_for() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Command.run("mkfifo", layout.resolve("manifest.json").toString());

        IOException refused = assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> assertThrows(IOException.class, () -> imported(layout, ArchiveFormat.DOCKER_ARCHIVE)));

        assertTrue(refused.getMessage().contains("the archive has no file manifest.json"), refused::toString);
    }

    @Test
    void an_index_is_looked_for_in_an_index_but_not_for_ever() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Command.run("tar", "xf", written(ArchiveFormat.OCI_LAYOUT).toString(), "-C", layout.toString());
        nest(layout);
        assertEquals(image.digest(), imported(layout, ArchiveFormat.OCI_LAYOUT).digest());
        nest(layout);
        nest(layout);

        IOException refused = assertThrows(IOException.class, () -> imported(layout, ArchiveFormat.OCI_LAYOUT));

        assertEquals("an index in an index in an index is not taken", refused.getMessage());
    }

    /// Makes the index of a layout one entry of a new one.
    private static void nest(Path layout) throws IOException {
        byte[] index = Files.readAllBytes(layout.resolve("index.json"));
        Digest digest = Digest.sha256(index);
        Files.write(layout.resolve("blobs/sha256").resolve(digest.hex()), index);
        Files.writeString(layout.resolve("index.json"), """
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
                  {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "%s", "size": %d}]}
                """.formatted(digest, index.length));
    }

    @Test
    void a_name_in_an_archive_does_not_lead_out_of_it() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("evil"));
        Files.writeString(directory.resolve("secret"), "secret");
        Files.writeString(
                layout.resolve("manifest.json"), "[{\"Config\": \"../secret\", \"Layers\": [], \"RepoTags\": []}]");
        Files.createSymbolicLink(layout.resolve("link"), directory);

        IOException refused = assertThrows(IOException.class, () -> imported(layout, ArchiveFormat.DOCKER_ARCHIVE));

        assertTrue(refused.getMessage().contains("the archive has no file ../secret"), refused::toString);
    }
}
