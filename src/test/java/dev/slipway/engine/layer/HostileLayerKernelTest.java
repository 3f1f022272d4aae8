package dev.slipway.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.TreeRemoval;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives that want out of their directory, or more than is good for the host.
@Timeout(120)
class HostileLayerKernelTest {
    @TempDir
    private Path folder;

    private Path tree;
    private Path outside;
    private Map<String, String> before = Map.of();

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(folder.resolve("tree"));
        outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "untouched");
        before = TreeListing.of(outside);
    }

    @AfterEach
    void nothing_outside_was_touched() throws IOException {
        Map<String, String> after = TreeListing.of(outside);
        TreeRemoval.remove(tree);
        assertEquals(before, after);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(Set.of(outside), Set.copyOf(left.toList()));
        }
    }

    static Stream<TestTar> escapes() {
        return Stream.of(
                new TestTar().file("../outside/secret", "evil"),
                new TestTar().file("a/../../outside/secret", "evil"),
                new TestTar().file("..", "evil"),
                new TestTar().directory("../outside/"),
                new TestTar().file("a", "").hardLink("../outside/new", "a"),
                new TestTar().symlink("../outside/new", "a"),
                new TestTar().file("../outside/.wh.secret", ""),
                new TestTar().file("a/../../.wh.outside", ""),
                new TestTar().file("../outside/.wh..wh..opq", ""),
                new TestTar().hardLink("stolen", "../outside/secret"),
                new TestTar().hardLink("stolen", "/outside/secret"),
                new TestTar().pax("path", "../outside/secret").file("a", "evil"),
                new TestTar().pax("linkpath", "../outside/secret").hardLink("a", "b"),
                new TestTar().symlink("up", "../outside").hardLink("stolen", "up/secret"));
    }

    @ParameterizedTest
    @MethodSource("escapes")
    void a_name_that_leads_out_is_refused(TestTar tar) {
        assertRefused(tar, "");
    }

    @Test
    void links_lead_nowhere_but_into_the_tree() throws IOException {
        unpack(new TestTar()
                .symlink("up", "../outside")
                .file("up/secret", "evil")
                .symlink("root", outside.toString())
                .file("root/secret", "evil")
                .symlink("self", "/proc/self/root")
                .file("self/etc/passwd", "evil")
                .symlink("one", "two")
                .symlink("two", "../../../../../..")
                .file("one/three", "inside")
                .symlink("file", outside.resolve("secret").toString())
                .file("file", "a file now")
                .file("/absolute", "inside"));

        Map<String, String> files = TreeListing.of(tree);
        assertTrue(files.containsKey("outside/secret"), files.toString());
        assertTrue(files.containsKey(outside.toString().substring(1) + "/secret"), files.toString());
        assertTrue(files.containsKey("proc/self/root/etc/passwd"), files.toString());
        assertTrue(files.get("three").startsWith("- "), files.toString());
        assertTrue(files.get("file").startsWith("- "), files.toString());
        assertTrue(files.containsKey("absolute"), files.toString());
    }

    @Test
    void mode_owner_and_attributes_are_those_of_a_link_itself() throws IOException {
        Files.setLastModifiedTime(outside.resolve("secret"), FileTime.fromMillis(0));
        before = TreeListing.of(outside);

        unpack(new TestTar()
                .as(1234, 1234, 07777)
                .pax("SCHILY.xattr.trusted.evil", "yes")
                .symlink("link", outside.resolve("secret").toString())
                .hardLink("again", "link"));

        assertTrue(
                TreeListing.of(tree).get("again").startsWith("l 0777 1234:1234"),
                TreeListing.of(tree).get("again"));
    }

    @Test
    @DisplayName("CVE-2025-47290: a link takes the place of a directory while a layer is unpacked")
    void a_directory_that_was_opened_is_not_written_to_after_a_link_took_its_place() throws IOException {
        unpack(new TestTar()
                .directory("a/")
                .file("a/first", "")
                .symlink("a", "../outside")
                .file("a/secret", "evil")
                .directory("b/c/")
                .file("b/c/first", "")
                .symlink("b", "/")
                .file("b/c/second", "")
                .hardLink("b/c/third", "b/c/second"));

        assertEquals(
                Set.of(".", "a", "b", "outside", "outside/secret", "c", "c/second", "c/third"),
                TreeListing.of(tree).keySet());
    }

    @Test
    void links_in_circles_end() {
        assertRefused(new TestTar().symlink("a", "b").symlink("b", "a").file("a/file", ""), "a/file");
        assertRefused(new TestTar().symlink("c", "c/c").file("c/file", ""), "c/file");
        TestTar chain = new TestTar();
        for (int i = 0; i < 60; i++) {
            chain.symlink("l" + i, "l" + (i + 1));
        }
        assertRefused(chain.file("l0/file", ""), "l0/file");
    }

    @Test
    void what_is_no_directory_is_not_gone_through() {
        assertRefused(new TestTar().file("a", "").file("a/b", ""), "a/b");
        assertRefused(new TestTar().node('3', "d", 1, 3).file("d/b", ""), "d/b");
        assertRefused(new TestTar().file("b", "").symlink("l", "b").file("l/c", ""), "l/c");
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh.", "a/.wh.", ".wh..", ".wh...", "a/.wh...", ".wh.a/b"})
    void a_whiteout_must_have_a_name_and_nothing_below_it(String name) {
        assertRefused(new TestTar().directory("a/").file(name, ""), name);
    }

    @Test
    void hard_links_lead_to_files_of_the_same_layer() {
        assertRefused(new TestTar().hardLink("link", "not/there"), "no such file");
        assertRefused(new TestTar().hardLink("link", "nothing"), "which is no file of this layer");
        assertRefused(new TestTar().directory("d/").hardLink("link", "d"), "which is no file of this layer");
        assertRefused(new TestTar().hardLink("link", ""), "which is no file of this layer");
        assertRefused(new TestTar().file(".wh.gone", "").hardLink("link", "gone"), "which is no file of this layer");
        assertRefused(new TestTar().directory("d/").file("d/f", "").hardLink("d", "d/f"), "entry d");
    }

    @Test
    void the_layer_itself_is_a_directory() {
        assertRefused(new TestTar().file(".", ""), "must be a directory");
        assertRefused(new TestTar().symlink("/", "elsewhere"), "must be a directory");
        assertRefused(new TestTar().hardLink(".", "a"), "must be a directory");
        assertRefused(new TestTar().file("", ""), "must be a directory");
    }

    @Test
    void names_that_no_file_can_have_are_refused() {
        assertRefused(new TestTar().pax("path", "n".repeat(256)).file("a", ""), "too long");
        assertRefused(new TestTar().pax("path", "d/".repeat(3000) + "f").file("a", ""), "too long");
        assertRefused(new TestTar().pax("linkpath", "t".repeat(4096)).symlink("a", "b"), "too long");
        assertRefused(new TestTar().symlink("a", ""), "no such file");
    }

    @Test
    void a_tree_is_no_deeper_than_programs_can_walk() throws IOException {
        String deep = "d/".repeat(LayerLimits.DEEPEST);

        unpack(new TestTar().pax("path", deep + "file").file("a", ""));

        assertRefused(new TestTar().pax("path", deep + "d/file").file("a", ""), "more than 1000 directories");
        assertRefused(
                new TestTar()
                        .pax("linkpath", "d/".repeat(600))
                        .symlink("link", "b")
                        .pax("path", "link/" + "e/".repeat(600) + "file")
                        .file("a", ""),
                "more than 1000 directories");
    }

    @Test
    void a_sparse_file_counts_with_its_holes() {
        TestTar tar = new TestTar()
                .pax("GNU.sparse.size", "550000000000", "GNU.sparse.map", "0,1")
                .file("disk", "x");

        assertRefused(tar, "disk: with its 550000000000 bytes the layer has more than the 549755813888");
    }

    @Test
    void a_layer_of_too_many_bytes_is_refused_before_they_are_written() {
        LayerLimits limits = new LayerLimits(4000, 10);
        TestTar tar = new TestTar().file("a", "x".repeat(600)).header('0', "bomb", "", TestTar.octal(3401, 12));

        MalformedLayerException refused = assertThrows(
                MalformedLayerException.class,
                () -> LayerUnpacker.unpack(new ByteArrayInputStream(tar.open()), tree, limits));

        assertTrue(String.valueOf(refused.getMessage()).contains("bomb: with its 3401 bytes"), refused.getMessage());
        assertFalse(Files.exists(tree.resolve("bomb")));
        TestTar overflow = new TestTar().file("a", "x").header('0', "b", "", TestTar.base256(Long.MAX_VALUE - 600, 12));
        assertThrows(
                MalformedLayerException.class,
                () -> LayerUnpacker.unpack(new ByteArrayInputStream(overflow.open()), tree, limits));
    }

    @Test
    void a_layer_of_too_many_entries_is_refused() throws IOException {
        LayerLimits limits = new LayerLimits(1 << 20, 3);
        for (TestTar tar : new TestTar[] {
            new TestTar().file("a", "").file("b", "").file("c", "").file("d", ""),
            new TestTar().file("a/b/c/d", ""),
            new TestTar().file(".wh.a", "").file(".wh.b", "").file(".wh.c", "").file(".wh.d", "")
        }) {
            MalformedLayerException refused = assertThrows(
                    MalformedLayerException.class,
                    () -> LayerUnpacker.unpack(new ByteArrayInputStream(tar.ended()), tree, limits));
            TreeRemoval.remove(tree);
            Files.createDirectory(tree);
            assertTrue(String.valueOf(refused.getMessage()).contains("more than the 3 entries"), refused.getMessage());
        }
    }

    @Test
    void a_layer_that_goes_on_for_ever_behind_its_end_is_refused() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                Arrays.fill(bytes, offset, offset + length, (byte) 0);
                return length;
            }
        };

        MalformedLayerException refused = assertThrows(
                MalformedLayerException.class, () -> LayerUnpacker.unpack(endless, tree, new LayerLimits(1 << 20, 10)));

        assertTrue(
                String.valueOf(refused.getMessage()).contains("1048576 bytes that are allowed"), refused.getMessage());
    }

    @Test
    void a_truncated_layer_is_refused_and_says_where() {
        byte[] whole =
                new TestTar().file("first", "").file("second", "x".repeat(5000)).ended();

        MalformedLayerException refused = assertThrows(
                MalformedLayerException.class,
                () -> LayerUnpacker.unpack(new ByteArrayInputStream(whole, 0, 3000), tree, LayerLimits.STANDARD));

        assertEquals("layer entry second: the archive ends within an entry", refused.getMessage());
    }

    @Test
    void an_interrupt_ends_the_unpacking() {
        byte[] archive = new TestTar().file("a", "").ended();

        Thread.currentThread().interrupt();
        try {
            assertThrows(
                    InterruptedIOException.class,
                    () -> LayerUnpacker.unpack(new ByteArrayInputStream(archive), tree, LayerLimits.STANDARD));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void all_of_the_archive_is_read() throws IOException {
        ByteArrayInputStream archive = new ByteArrayInputStream(new TestTar()
                .file("a", "")
                .raw(new byte[1024])
                .raw(new byte[100_000])
                .open());

        LayerUnpacker.unpack(archive, tree, LayerLimits.STANDARD);

        assertArrayEquals(new byte[0], archive.readAllBytes());
    }

    private void assertRefused(TestTar tar, String why) {
        MalformedLayerException refused = assertThrows(MalformedLayerException.class, () -> unpack(tar));
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }

    private void unpack(TestTar tar) throws IOException {
        LayerUnpacker.unpack(new ByteArrayInputStream(tar.ended()), tree, LayerLimits.STANDARD);
    }
}
