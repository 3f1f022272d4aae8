package dev.slipway.engine.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.BuilderRig;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.image.DiskLayerTrees;
import dev.slipway.engine.image.HostImages;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.layer.TreeListing;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images with layers that need what is below them, as kaniko, bazel and others make them.
@Timeout(60)
class JoinedImagesKernelTest {
    @TempDir
    private Path root;

    private BuilderRig rig;
    private int layouts;

    @BeforeEach
    void open() throws IOException {
        rig = new BuilderRig(Files.createDirectory(root.resolve("rig")));
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    @DisplayName("S16 an upper layer with hard links and directories of lower ones is the tree that umoci unpacks")
    void joined_layers_are_the_tree_that_others_unpack() throws Exception {
        TestTar base = base().as(5, 6, 0640)
                .pax("SCHILY.xattr.user.note", "of the file")
                .file("usr/bin/tool", "tool")
                .symlink("usr/bin/alias", "tool")
                .directory("opt/")
                .file("opt/old", "old");
        TestTar middle =
                new TestTar().at(1_222_222_222).file("tmp/middle", "middle").file("usr/lib/new/deep", "deep");
        TestTar top = new TestTar()
                .at(1_333_333_333)
                .file("tmp/top", "top")
                .file("usr/lib/new/deeper", "deeper")
                .hardLink("tmp/tool", "usr/bin/tool")
                .hardLink("usr/bin/second", "/usr/bin/tool")
                .hardLink("third", "tmp/tool")
                .hardLink("soft", "usr/bin/alias")
                .hardLink("through", "bin/../usr/bin/tool")
                .hardLink("usr/own", "usr/lib/new/deep");

        LocalImage image = imported("nested", layout(base, middle, top));

        assertEquals(settled(umoci()), settled(mounted(image)));
        Map<String, String> tree = mounted(image);
        assertTrue(tree.get("tmp").startsWith("d 1777 7:8 1111111111."), tree.get("tmp"));
        assertTrue(tree.get("tmp").endsWith("user.note=of the directory"), tree.get("tmp"));
        assertTrue(tree.get("tmp/tool").endsWith("same as third user.note=of the file"), tree.get("tmp/tool"));
    }

    @Test
    void what_a_layer_says_itself_counts_whenever_it_says_so() throws Exception {
        TestTar top = new TestTar()
                .file("tmp/x", "")
                .as(0, 0, 0700)
                .directory("tmp/")
                .file("usr/bin/first", "mine")
                .hardLink("usr/bin/second", "usr/bin/tool")
                .file("usr/bin/second", "replaced")
                .file(".wh.opt", "")
                .file("opt/again/x", "");

        LocalImage image = imported(
                "said",
                layout(
                        base().as(3, 3, 0711)
                                .directory("opt/")
                                .directory("opt/again/")
                                .file("usr/bin/tool", ""),
                        top));

        Map<String, String> tree = mounted(image);
        assertTrue(tree.get("tmp").startsWith("d 0700 0:0"), tree.get("tmp"));
        assertTrue(tree.get("opt").startsWith("d 0755 0:0"), tree.get("opt"));
        assertTrue(tree.get("opt/again").startsWith("d 0755 0:0"), tree.get("opt/again"));
        assertFalse(tree.get("usr/bin/second").contains("same as"), tree.get("usr/bin/second"));
        assertEquals("replaced", Files.readString(rig.layer(image, 1).resolve("usr/bin/second")));
    }

    @Test
    void a_layer_that_needs_nothing_below_it_has_no_joint_and_no_more_directories() throws Exception {
        LocalImage usual =
                imported("usual", layout(base(), new TestTar().directory("app/").file("app/run", "")));
        LocalImage fresh = imported("fresh", layout(base(), new TestTar().file("app/new/run", "")));

        assertEquals(Set.of(), joints(usual));
        assertEquals(1, joints(fresh).size());
        assertEquals(2, rig.snapshots().lowers(usual.layers()).size());
        assertEquals(2, rig.snapshots().lowers(fresh.layers()).size(), "the joint is empty");
    }

    @Test
    @DisplayName("S23 a layer on two bases is on the disk once, and what joins it goes with the image that needs it")
    void a_layer_is_joined_with_each_base_that_it_stands_on() throws Exception {
        TestTar top = new TestTar().file("tmp/x", "").hardLink("link", "file");
        LocalImage one = imported("one", layout(base().file("file", "one"), top));
        LocalImage other = imported("other", layout(base().file("file", "another"), top));

        assertEquals(one.layers().getLast(), other.layers().getLast());
        assertEquals(5, rig.snapshots().layers().size(), "two bases, one layer, two joints");
        assertEquals("one", read(one, "link"));
        assertEquals("another", read(other, "link"));
        assertTrue(rig.snapshots().bytes(joints(other).iterator().next()) > 0);
        assertTrue(one.parts().containsAll(digests(joints(one))));

        Set<DiffId> ofOne = joints(one);
        rig.images().remove(one.digest());

        assertFalse(rig.snapshots().layers().removeAll(ofOne), "nothing of it is left");
        assertEquals(3, rig.snapshots().layers().size());
        assertEquals("another", read(other, "link"));
        rig.images().remove(other.digest());
        assertEquals(Set.of(), rig.snapshots().layers());
    }

    @Test
    @DisplayName("S28 what is built on an image with joined layers stands on what joins them, and keeps it")
    void an_image_built_on_joined_layers_keeps_what_joins_them() throws Exception {
        LocalImage base = imported(
                "base",
                layout(
                        base().file("file", "text"),
                        new TestTar().file("tmp/x", "").hardLink("link", "file")));

        LocalImage built = rig.built(base, "built", new BuildStep.CopyText("new", "/tmp/new", "0:0", 0644))
                .image();
        rig.images().remove(base.digest());

        Map<String, String> tree = mounted(built);
        assertTrue(tree.get("tmp").startsWith("d 1777 7:8"), tree.get("tmp"));
        assertTrue(tree.get("link").contains("same as file"), tree.get("link"));
        assertEquals(1, joints(built).size());
        rig.images().sweep();
        assertEquals("text", read(built, "link"));
    }

    @Test
    void what_a_joint_hides_is_counted() throws Exception {
        String file = "x".repeat(100_000);
        LocalImage image =
                imported("counted", layout(base().file("file", file), new TestTar().hardLink("link", "file")));

        var facts = rig.snapshots().survey(image.layers());

        assertEquals(2, facts.size());
        assertTrue(facts.getLast().bytes() >= 100_000, facts.toString());
        assertTrue(facts.getFirst().hiddenBytes() >= 100_000, facts.toString());
        assertTrue(facts.getLast().bytes() < 200_000, facts.toString());
    }

    @Test
    void a_hard_link_to_what_nobody_has_refuses_the_image_and_leaves_nothing() throws Exception {
        TestTar[] refused = {
            new TestTar().hardLink("link", "nothing"),
            new TestTar().hardLink("link", "not/there"),
            new TestTar().hardLink("link", "tmp"),
            new TestTar().file(".wh.file", "").hardLink("link", "file"),
            new TestTar().hardLink("link", "file").file(".wh.file", ""),
            new TestTar().file("usr/.wh..wh..opq", "").hardLink("link", "usr/bin/tool"),
            new TestTar().file(".wh..wh..opq", "").hardLink("link", "file"),
            new TestTar().hardLink("link", "escape/" + root.toString().substring(1) + "/secret"),
            new TestTar().symlink("up", "../../../../..").hardLink("link", "up" + root + "/secret"),
            new TestTar().hardLink("usr/bin/link", "loop/file"),
        };
        Files.writeString(root.resolve("secret"), "secret");

        for (TestTar top : refused) {
            Path layout = layout(
                    base().file("file", "")
                            .file("usr/bin/tool", "")
                            .symlink("escape", "/")
                            .symlink("loop", "loop"),
                    top);
            CorruptContentException corrupt =
                    assertThrows(CorruptContentException.class, () -> imported("refused", layout));
            assertTrue(String.valueOf(corrupt.getMessage()).contains("is no file of this layer"), corrupt::toString);
        }
        Path lowest = layout(new TestTar().hardLink("link", "nothing"));
        assertThrows(CorruptContentException.class, () -> imported("refused", lowest));

        assertEquals(Set.of(), rig.snapshots().layers());
        assertEquals(Set.of(), rig.contentStore().list());
    }

    @Test
    void links_of_lower_layers_do_not_lead_a_joint_out_of_the_image() throws Exception {
        TestTar base =
                base().symlink("var", root.toString()).symlink("lib", "usr/bin").file("usr/bin/tool", "of the image");
        Files.writeString(Files.createDirectories(root.resolve("run")).resolve("tool"), "of the host");
        TestTar top = new TestTar().file("var/run/x", "").hardLink("link", "lib/tool");

        LocalImage image = imported("links", layout(base, top));

        assertEquals("of the image", read(image, "link"));
        assertEquals("of the host", Files.readString(root.resolve("run/tool")));
        assertFalse(Files.exists(root.resolve("run/x")));
    }

    @Test
    void a_joint_that_was_lost_is_made_again_at_the_next_start() throws Exception {
        LocalImage image =
                imported("lost", layout(base().file("file", "text"), new TestTar().hardLink("link", "file")));
        Set<DiffId> joints = joints(image);
        for (DiffId joint : joints) {
            rig.snapshots().removeLayer(joint);
        }
        assertThrows(IOException.class, () -> rig.snapshots().lowers(image.layers()));

        try (RegistryClient registry = new RegistryClient(RegistrySettings.STANDARD)) {
            HostImages again = restarted(registry);

            assertTrue(again.find(image.digest()).isPresent());
        }
        assertEquals(joints, joints(image));
        assertEquals("text", read(image, "link"));
    }

    @Test
    void a_joint_of_an_engine_that_was_killed_before_it_knew_the_image_is_swept() throws Exception {
        LocalImage image =
                imported("killed", layout(base().file("file", "text"), new TestTar().hardLink("link", "file")));
        Files.delete(root.resolve("rig/content/index.json"));

        try (RegistryClient registry = new RegistryClient(RegistrySettings.STANDARD)) {
            HostImages again = restarted(registry);
            assertEquals(1, joints(image).size());

            again.sweep();
        }

        assertEquals(Set.of(), rig.snapshots().layers());
    }

    private HostImages restarted(RegistryClient registry) throws IOException {
        HostImages again = new HostImages(
                root.resolve("rig/content/index.json"),
                new HostImages.Stores(
                        rig.contentStore(),
                        trees(),
                        new Repositories(
                                root.resolve("repositories"),
                                rig.contentStore(),
                                InstantSource.system(),
                                InstantSource.system())),
                registry,
                ForkJoinPool.commonPool());
        again.start();
        return again;
    }

    /// What every base here has.
    private static TestTar base() {
        return new TestTar()
                .at(1_000_000_000)
                .as(0, 0, 0755)
                .directory("usr/")
                .directory("usr/bin/")
                .as(20, 30, 0751)
                .directory("usr/lib/")
                .as(0, 0, 0777)
                .symlink("bin", "usr/bin")
                .at(1_111_111_111)
                .as(7, 8, 01777)
                .pax("SCHILY.xattr.user.note", "of the directory")
                .directory("tmp/")
                .as(0, 0, 0644);
    }

    private Path layout(TestTar... layers) throws IOException {
        Path layout = root.resolve("layout-" + layouts++);
        Command.run("umoci", "init", "--layout", layout.toString());
        Command.run("umoci", "new", "--image", layout + ":image");
        for (TestTar layer : layers) {
            Path archive = Files.write(root.resolve("layer.tar"), layer.ended());
            Command.run("umoci", "raw", "add-layer", "--image", layout + ":image", archive.toString());
        }
        return layout;
    }

    private LocalImage imported(String name, Path layout) throws Exception {
        ImageArchives archives = new ImageArchives(
                new ImageArchives.Rooms(rig.images(), rig.contentStore(), trees(), rig.snapshots()),
                ImageArchives.Limits.STANDARD);
        return archives.take(layout, ArchiveFormat.OCI_LAYOUT, Set.of(Reference.parse(name)));
    }

    private DiskLayerTrees trees() {
        return new DiskLayerTrees(rig.snapshots(), LayerLimits.STANDARD, ForkJoinPool.commonPool());
    }

    /// The tree of the layout that was made last.
    private Map<String, String> umoci() throws IOException {
        Path bundle = root.resolve("bundle");
        Command.run(
                "umoci",
                "unpack",
                "--keep-dirlinks",
                "--image",
                root.resolve("layout-" + (layouts - 1)) + ":image",
                bundle.toString());
        return withoutRoot(TreeListing.of(bundle.resolve("rootfs")));
    }

    /// Without the times of directories that others give the time of unpacking.
    private static Map<String, String> settled(Map<String, String> tree) {
        for (String directory : Set.of("usr/lib", "usr/lib/new")) {
            tree.computeIfPresent(directory, (same, line) -> line.replaceFirst(" \\d+\\.\\d{9}", ""));
        }
        return tree;
    }

    private Map<String, String> mounted(LocalImage image) throws IOException {
        return in(image, merged -> withoutRoot(TreeListing.of(merged)));
    }

    private String read(LocalImage image, String path) throws IOException {
        return in(image, merged -> Files.readString(merged.resolve(path)));
    }

    private interface Look<T> {
        T at(Path merged) throws IOException;
    }

    private <T> T in(LocalImage image, Look<T> look) throws IOException {
        Path merged = Files.createDirectories(root.resolve("merged"));
        String lowers = rig.snapshots().lowers(image.layers()).stream()
                .map(Path::toString)
                .collect(Collectors.joining(":"));
        Command.run("mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir=" + lowers, merged.toString());
        try {
            return look.at(merged);
        } finally {
            Command.run("umount", merged.toString());
        }
    }

    /// What joins its layers and is there.
    private Set<DiffId> joints(LocalImage image) throws IOException {
        Set<DiffId> joints =
                LocalImage.joints(image.layers()).stream().map(DiffId::new).collect(Collectors.toSet());
        joints.retainAll(rig.snapshots().layers());
        return joints;
    }

    private static Set<Digest> digests(Set<DiffId> layers) {
        return layers.stream().map(DiffId::digest).collect(Collectors.toCollection(HashSet::new));
    }

    private static Map<String, String> withoutRoot(Map<String, String> files) {
        Map<String, String> rest = new TreeMap<>(files);
        rest.remove(".");
        return rest;
    }
}
