package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of each kind of entry.
@Timeout(60)
class LayerUnpackerKernelTest {
    @TempDir
    private Path folder;

    private Path tree;

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(folder.resolve("tree"));
    }

    @Test
    @DisplayName("S16 a layer keeps types, modes, owners, times, devices and links")
    void an_entry_keeps_what_the_archive_says() throws IOException {
        LayerContents contents = unpack(new TestTar()
                .as(0, 0, 0755)
                .directory("./")
                .as(1000, 2000, 04755)
                .file("bin/su", "program")
                .hardLink("bin/sg", "bin/su")
                .as(3, 4, 01777)
                .directory("tmp/")
                .as(0, 5, 0620)
                .node('3', "dev/tty", 5, 0)
                .node('4', "dev/sda", 8, 0)
                .entry('6', "dev/pipe", "", new byte[0])
                .as(7, 8, 0777)
                .symlink("bin/sh", "../../../etc/passwd"));

        Map<String, String> files = TreeListing.of(tree);
        String time = " 1000000000.000000000";
        assertEquals("d 0755 0:0" + time, files.get("."));
        assertTrue(files.get("bin/su").startsWith("- 4755 1000:2000" + time + " size=7 "), files.get("bin/su"));
        assertTrue(files.get("bin/su").endsWith(" same as bin/sg"), files.get("bin/su"));
        assertEquals(files.get("bin/su"), files.get("bin/sg") + " same as bin/sg");
        assertEquals("d 1777 3:4" + time, files.get("tmp"));
        assertEquals("c 0620 0:5" + time + " 5:0", files.get("dev/tty"));
        assertEquals("b 0620 0:5" + time + " 8:0", files.get("dev/sda"));
        assertEquals("p 0620 0:5" + time, files.get("dev/pipe"));
        assertEquals("l 0777 7:8" + time + " -> ../../../etc/passwd", files.get("bin/sh"));
        assertEquals("d 0755 0:0 0.000000000", files.get("bin"));
        assertEquals(new LayerContents(10, 7, 0), contents);
    }

    @Test
    @DisplayName("S16 a layer keeps extended attributes, capabilities too")
    void attributes_are_kept_and_those_of_overlayfs_are_dropped() throws IOException {
        String capability = "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

        unpack(new TestTar()
                .as(10, 10, 0755)
                .pax("SCHILY.xattr.user.comment", "hello", "SCHILY.xattr.security.capability", capability)
                .file("ping", "program")
                .pax("SCHILY.xattr.trusted.overlay.opaque", "y", "SCHILY.xattr.user.overlay.opaque", "y")
                .directory("etc")
                .pax("SCHILY.xattr.trusted.overlay.redirect", "/elsewhere", "SCHILY.xattr.user.empty", "")
                .file("etc/file", "")
                .pax("SCHILY.xattr.trusted.note", "kept")
                .symlink("link", "ping"));

        Map<String, String> files = TreeListing.of(tree);
        assertTrue(
                files.get("ping").endsWith(" security.capability=" + capability + " user.comment=hello"),
                files.get("ping"));
        assertTrue(!files.get("etc").contains("overlay"), files.get("etc"));
        assertTrue(!files.get("etc/file").contains("overlay"), files.get("etc/file"));
        assertTrue(files.get("etc/file").endsWith(" user.empty="), files.get("etc/file"));
        assertTrue(files.get("link").endsWith(" trusted.note=kept"), files.get("link"));
    }

    @Test
    @DisplayName("S26 a whiteout becomes a mark that hides a file of lower layers")
    void whiteouts_become_marks_of_overlayfs() throws IOException {
        LayerContents contents = unpack(new TestTar()
                .file("etc/.wh.gone", "")
                .directory("var/")
                .file("var/.wh..wh..opq", "")
                .file("opt/.wh..wh..opq", "")
                .file(".wh..wh.aufs", "")
                .directory(".wh..wh.plnk/")
                .file(".wh..wh.plnk/12.34", "content")
                .file("var/kept", ""));

        Map<String, String> files = TreeListing.of(tree);
        assertEquals(Set.of(".", "etc", "etc/gone", "var", "var/kept", "opt"), files.keySet());
        assertEquals("c 0000 0:0 1000000000.000000000 0:0", files.get("etc/gone"));
        assertTrue(files.get("var").endsWith(" trusted.overlay.opaque=y"), files.get("var"));
        assertTrue(files.get("opt").endsWith(" trusted.overlay.opaque=y"), files.get("opt"));
        assertEquals(new LayerContents(4, 0, 3), contents);
    }

    @Test
    @DisplayName("S26 a whiteout speaks of lower layers, wherever it stands in its own")
    void the_order_of_whiteout_and_entry_means_nothing() throws IOException {
        Path before = unpacked(new TestTar()
                .file(".wh.file", "")
                .file(".wh.directory", "")
                .file(".wh.implicit", "")
                .file(".wh.link", "")
                .file("file", "content")
                .directory("directory/")
                .file("implicit/file", "")
                .symlink("link", "file"));
        Path after = unpacked(new TestTar()
                .file("file", "content")
                .directory("directory/")
                .file("implicit/file", "")
                .symlink("link", "file")
                .file(".wh.file", "")
                .file(".wh.directory", "")
                .file(".wh.implicit", "")
                .file(".wh.link", ""));

        Map<String, String> files = TreeListing.of(before);
        assertEquals(files, TreeListing.of(after));
        assertTrue(files.get("file").startsWith("- 0644"), files.get("file"));
        assertTrue(files.get("directory").endsWith(" trusted.overlay.opaque=y"), files.get("directory"));
        assertTrue(files.get("implicit").endsWith(" trusted.overlay.opaque=y"), files.get("implicit"));
        assertTrue(files.get("link").endsWith(" -> file"), files.get("link"));
    }

    @Test
    void an_opaque_mark_hides_nothing_of_its_own_layer() throws IOException {
        unpack(new TestTar().file("etc/a", "a").file("etc/.wh..wh..opq", "").file("etc/b", "b"));

        assertEquals(Set.of(".", "etc", "etc/a", "etc/b"), TreeListing.of(tree).keySet());
    }

    @Test
    void what_comes_later_replaces_what_was_there() throws IOException {
        unpack(new TestTar()
                .file("file", "first")
                .file("file", "second")
                .directory("directory/")
                .file("directory/inside", "")
                .file("directory", "now a file")
                .file("other", "")
                .directory("other/")
                .file("other/inside", "")
                .symlink("link", "other")
                .directory("link/")
                .file("link/own", "")
                .directory("full/")
                .file("full/kept", "")
                .as(1, 2, 0700)
                .directory("full/"));

        Map<String, String> files = TreeListing.of(tree);
        assertEquals(
                Set.of(".", "file", "directory", "other", "other/inside", "link", "link/own", "full", "full/kept"),
                files.keySet());
        assertEquals("second", Files.readString(tree.resolve("file")));
        assertTrue(files.get("directory").startsWith("- "), files.get("directory"));
        assertTrue(files.get("link").startsWith("d "), files.get("link"));
        assertEquals("d 0700 1:2 1000000000.000000000", files.get("full"));
    }

    @Test
    void a_file_does_not_write_through_the_hard_link_that_it_replaces() throws IOException {
        unpack(new TestTar()
                .file("a", "first")
                .hardLink("b", "a")
                .file("b", "second")
                .hardLink("a", "a"));

        assertEquals("first", Files.readString(tree.resolve("a")));
        assertEquals("second", Files.readString(tree.resolve("b")));
    }

    @Test
    void directories_keep_their_times_whatever_comes_into_them_and_when() throws IOException {
        TestTar tar = new TestTar()
                .at(111)
                .directory("a/")
                .directory("a/b/")
                .directory("c/")
                .symlink("s", "a/b");
        for (int i = 0; i < 200; i++) {
            tar.at(222)
                    .directory("c/" + i + "/")
                    .file("a/b/" + i, "")
                    .file("s/s" + i, "")
                    .file("c/" + i + "/x", "");
        }
        unpack(tar.at(333).file("a/late", "").file("new/file", "").file("a/file", ""));

        Map<String, String> files = TreeListing.of(tree);
        assertEquals("d 0644 0:0 111.000000000", files.get("a"));
        assertEquals("d 0644 0:0 111.000000000", files.get("a/b"));
        assertEquals("d 0644 0:0 111.000000000", files.get("c"));
        assertEquals("d 0644 0:0 222.000000000", files.get("c/0"));
        assertEquals("d 0755 0:0 0.000000000", files.get("new"));
        assertEquals("d 0755 0:0 0.000000000", files.get("."));
    }

    @Test
    void a_directory_with_set_gid_gives_nothing_its_group() throws IOException {
        unpack(new TestTar()
                .as(0, 50, 02775)
                .directory("shared/")
                .as(0, 0, 0644)
                .file("shared/file", "")
                .as(0, 0, 0755)
                .directory("shared/directory/")
                .file("shared/implicit/file", ""));

        Map<String, String> files = TreeListing.of(tree);
        assertTrue(files.get("shared/file").startsWith("- 0644 0:0 "), files.get("shared/file"));
        assertTrue(files.get("shared/directory").startsWith("d 0755 0:0 "), files.get("shared/directory"));
        assertTrue(files.get("shared/implicit").startsWith("d 0755 0:0 "), files.get("shared/implicit"));
    }

    @Test
    void entries_go_where_links_of_the_same_layer_lead() throws IOException {
        unpack(new TestTar()
                .directory("usr/lib/")
                .symlink("lib", "usr/lib")
                .symlink("absolute", "/usr")
                .symlink("later", "not//.yet/.././there/")
                .file("lib/one", "")
                .file("absolute/lib/two", "")
                .file("absolute/share/three", "")
                .file("later/deep/four", ""));

        assertEquals(
                Set.of(
                        ".",
                        "usr",
                        "usr/lib",
                        "usr/lib/one",
                        "usr/lib/two",
                        "usr/share",
                        "usr/share/three",
                        "lib",
                        "absolute",
                        "later",
                        "not",
                        "not/.yet",
                        "not/there",
                        "not/there/deep",
                        "not/there/deep/four"),
                TreeListing.of(tree).keySet());
    }

    @Test
    void names_are_bytes_and_need_be_no_text() throws IOException {
        String name = "caf\u00e9\u00ff\n\1";
        unpack(new TestTar()
                .directory(name + "/")
                .file(name + "/" + name, "content")
                .symlink("link", name)
                .file("link/" + TestTar.utf8("\u65e5\u672c"), ""));

        assertEquals(
                Set.of(".", name, name + "/" + name, "link", name + "/" + TestTar.utf8("\u65e5\u672c")),
                TreeListing.of(tree).keySet());
    }

    @Test
    void devices_that_overlayfs_would_take_for_whiteouts_are_left_out() throws IOException {
        unpack(new TestTar()
                .file("file", "")
                .node('3', "hidden", 0, 0)
                .node('3', "file", 0, 0)
                .node('4', "b", 0, 0));

        assertEquals(Set.of(".", "file", "b"), TreeListing.of(tree).keySet());
    }

    @Test
    void sparse_files_take_no_more_space_than_they_have_bytes() throws IOException {
        byte[] header = new byte[512];
        TestTar tar = new TestTar().header('S', "old", "", TestTar.octal(1024, 12));
        System.arraycopy(tar.open(), 0, header, 0, 512);
        put(header, 386, TestTar.octal(1 << 20, 12) + TestTar.octal(512, 12));
        put(header, 410, TestTar.octal(3 << 20, 12) + TestTar.octal(512, 12));
        put(header, 434, TestTar.octal(10 << 20, 12) + TestTar.octal(0, 12));
        put(header, 483, TestTar.octal(10 << 20, 12));
        unpack(new TestTar()
                .raw(TestTar.summed(header))
                .raw("x".repeat(1024).getBytes(ISO_8859_1))
                .file("next", ""));

        At at = new At();
        try (Fd directory = at.openHost(tree)) {
            assertEquals(
                    10 << 20, at.stat(directory, "old".getBytes(ISO_8859_1)).size());
            assertTrue(at.stat(directory, "old".getBytes(ISO_8859_1)).blocks() <= 16);
        }
        byte[] content = Files.readAllBytes(tree.resolve("old"));
        assertEquals('x', content[1 << 20]);
        assertEquals('x', content[(3 << 20) + 511]);
        assertEquals(0, content[(3 << 20) + 512]);
    }

    private static void put(byte[] block, int offset, String text) {
        System.arraycopy(text.getBytes(ISO_8859_1), 0, block, offset, text.length());
    }

    private Path unpacked(TestTar tar) throws IOException {
        Path other = Files.createTempDirectory(folder, "tree");
        LayerUnpacker.unpack(new ByteArrayInputStream(tar.ended()), other, LayerLimits.STANDARD);
        return other;
    }

    private LayerContents unpack(TestTar tar) throws IOException {
        return LayerUnpacker.unpack(new ByteArrayInputStream(tar.ended()), tree, LayerLimits.STANDARD);
    }
}
