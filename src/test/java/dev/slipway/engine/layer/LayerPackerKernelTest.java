package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of trees, and of what a real overlay leaves in its upper directory.
@Timeout(60)
class LayerPackerKernelTest {
    @TempDir
    private Path folder;

    private final At at = new At();
    private Path tree;
    private Path merged;

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(folder.resolve("tree"));
        merged = Files.createDirectory(folder.resolve("merged"));
    }

    @AfterEach
    void unmount() {
        Command.run("sh", "-c", "! mountpoint -q " + merged + " || umount " + merged);
    }

    @Test
    @DisplayName("S26 deleting a file of a lower layer only marks it, in overlayfs and in the archive")
    void what_overlayfs_left_becomes_a_layer() throws IOException {
        Path lower = Files.createDirectory(folder.resolve("lower"));
        for (String name : List.of("gone", "kept", "etc/gone", "var/old/a", "var/old/b", "swapped/inside")) {
            Files.createDirectories(lower.resolve(name).getParent());
            Files.writeString(lower.resolve(name), name);
        }
        mount(lower);
        Files.delete(merged.resolve("gone"));
        Files.delete(merged.resolve("etc/gone"));
        Command.run(
                "sh",
                "-ec",
                "cd " + merged + "; rm -r var/old; mkdir var/old; touch var/old/new; rm -r swapped; touch swapped");
        Path before = Files.createDirectory(folder.resolve("before"));
        Command.run("cp", "-a", merged + "/.", before.toString());
        unmount();

        byte[] archive = PackedTree.pack(tree);

        assertEquals(
                List.of(
                        ".wh.gone",
                        "etc/",
                        "etc/.wh.gone",
                        "swapped",
                        "var/",
                        "var/old/",
                        "var/old/.wh..wh..opq",
                        "var/old/new"),
                PackedTree.names(archive));
        Path again = PackedTree.unpack(archive, folder);
        assertTrue(
                TreeListing.of(again).get("gone").startsWith("c 0000 0:0"),
                TreeListing.of(again).get("gone"));
        tree = again;
        mount(lower);
        assertEquals(contents(before), contents(merged));
        assertFalse(Files.exists(merged.resolve("gone")));
        assertEquals("gone", Files.readString(lower.resolve("gone")));
        assertArrayEquals(archive, packAfterUnmount(again));
    }

    @Test
    void everything_comes_back_as_it_was() throws IOException {
        fill(tree);

        byte[] archive = PackedTree.pack(tree);
        Path again = PackedTree.unpack(archive, folder);

        assertEquals(PackedTree.inWholeSeconds(tree), PackedTree.inWholeSeconds(again));
        assertArrayEquals(archive, PackedTree.pack(again));
    }

    @Test
    void the_same_tree_becomes_the_same_archive_in_whatever_order_it_was_made() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        List<String> names = List.of("zeta", "alpha", "m/n", "m/a", "m.x", "m-x", "B", "b");
        for (String name : names) {
            make(tree, name);
        }
        for (String name : names.reversed()) {
            make(other, name);
        }

        assertArrayEquals(
                PackedTree.pack(tree, Instant.ofEpochSecond(1000)),
                PackedTree.pack(other, Instant.ofEpochSecond(1000)));
    }

    @Test
    void times_are_clamped_and_whole() throws IOException {
        Files.setLastModifiedTime(make(tree, "late"), FileTime.from(PackedTree.LATEST.plusSeconds(5)));
        Files.setLastModifiedTime(make(tree, "early"), FileTime.from(Instant.ofEpochSecond(7, 999_999_999)));
        Files.setLastModifiedTime(make(tree, "now"), FileTime.from(Instant.ofEpochSecond(1234, 567)));

        List<TarArchiveEntry> entries = PackedTree.entries(PackedTree.pack(tree));

        assertEquals(
                List.of(Instant.ofEpochSecond(7), PackedTree.LATEST, Instant.ofEpochSecond(1234)),
                entries.stream()
                        .map(entry -> entry.getLastModifiedTime().toInstant())
                        .toList());
    }

    @Test
    void names_of_every_length_are_written_as_other_programs_read_them() throws IOException {
        List<String> expected = new ArrayList<>();
        StringBuilder path = new StringBuilder("d/");
        for (int i = 0; i < 8; i++) {
            expected.add(path.toString());
            path.append("n".repeat(45 + i)).append('/');
        }
        expected.add(path.toString());
        path.append("f".repeat(200));
        expected.add(path.toString());
        make(tree, path.toString());
        String target = "t".repeat(150);
        Files.createSymbolicLink(tree.resolve("link"), Path.of(target));
        expected.add("link");

        byte[] archive = PackedTree.pack(tree);

        assertEquals(expected, PackedTree.names(archive));
        assertEquals(target, PackedTree.entries(archive).getLast().getLinkName());
        assertEquals(
                expected,
                Command.run("tar", "-tf", write(archive).toString()).lines().toList());
    }

    @Test
    void hard_links_are_packed_once() throws IOException {
        make(tree, "a/first");
        Files.createLink(tree.resolve("b"), tree.resolve("a/first"));
        Files.createLink(tree.resolve("a/second"), tree.resolve("a/first"));

        List<TarArchiveEntry> entries = PackedTree.entries(PackedTree.pack(tree));

        assertEquals(
                List.of("a/ ", "a/first ", "a/second a/first", "b a/first"),
                entries.stream()
                        .map(entry -> entry.getName() + " " + entry.getLinkName())
                        .toList());
    }

    @Test
    void large_numbers_have_extended_headers_and_small_ones_do_not() throws IOException {
        Files.setAttribute(make(tree, "plain"), "unix:uid", 2_097_151);
        int plain = PackedTree.pack(tree).length;
        Files.setAttribute(tree.resolve("plain"), "unix:uid", 2_097_152);

        assertEquals(plain + 1024, PackedTree.pack(tree).length);
        assertEquals(
                2_097_152, PackedTree.entries(PackedTree.pack(tree)).getFirst().getLongUserId());
    }

    @Test
    void sockets_are_left_out() throws IOException {
        make(tree, "file");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(tree.resolve("socket")));
        }

        assertEquals(List.of("file"), PackedTree.names(PackedTree.pack(tree)));
    }

    @Test
    void what_would_be_read_as_something_else_is_not_packed() throws IOException {
        make(tree, "etc/.wh.shadow");
        IOException mark = assertThrows(IOException.class, () -> PackedTree.pack(tree));
        assertTrue(mark.getMessage().contains(".wh.shadow"), mark.getMessage());

        Path other = Files.createDirectory(folder.resolve("other"));
        make(other, "part");
        try (Fd directory = at.openHost(other)) {
            at.setAttribute(directory, "part".getBytes(ISO_8859_1), "trusted.overlay.metacopy", new byte[0]);
        }
        IOException part = assertThrows(IOException.class, () -> PackedTree.pack(other));
        assertTrue(part.getMessage().contains("pack part: overlayfs keeps only a part"), part.getMessage());
    }

    @Test
    void what_nobody_would_unpack_is_not_packed() throws IOException {
        Command.run("truncate", "-s", "1T", tree.resolve("disk").toString());
        IOException large = assertThrows(IOException.class, () -> PackedTree.pack(tree));
        assertTrue(large.getMessage().contains("pack disk: with its 1099511627776 bytes"), large.getMessage());

        Path deep = Files.createDirectory(folder.resolve("deep"));
        Command.run(
                "mkdir",
                "-p",
                deep.resolve("d/".repeat(LayerLimits.DEEPEST + 2)).toString());
        IOException nested = assertThrows(IOException.class, () -> PackedTree.pack(deep));
        assertTrue(nested.getMessage().contains("more than 1000 directories"), nested.getMessage());
        TreeRemoval.remove(deep);
    }

    /// One of everything.
    private void fill(Path directory) throws IOException {
        Command.run("sh", "-ec", """
                cd %s
                mkdir -p a/b c; echo text >a/file; : >empty; ln a/file hard; ln -s ../a/file a/b/soft; ln a/b/soft c/soft2
                mknod null c 1 3; mknod disk b 8 1; mkfifo pipe; chmod 4755 a/file; chmod 1777 c; chmod 0000 empty
                chown 1000:2000 a/file c; chown -h 5:6 a/b/soft; chown 3000000000:7 empty
                truncate -s 3000000 sparse; printf end >>sparse
                cp /bin/busybox ping; setcap cap_net_raw+ep ping
                touch -h -d @1111111111 a/file a/b/soft null; touch -d @-100 empty; touch -d @1222222222.5 a/b
                mkdir "$(printf '\\377\\376 \\n')"; touch "$(printf '\\377\\376 \\n')/$(printf '\\351')"
                """.formatted(directory));
        try (Fd opened = at.openHost(directory)) {
            at.setAttribute(opened, "c".getBytes(ISO_8859_1), "user.note", new byte[] {0, 1, '=', '\n'});
            at.setAttribute(opened, "null".getBytes(ISO_8859_1), "trusted.note", new byte[0]);
            at.setAttribute(opened, "a".getBytes(ISO_8859_1), "trusted.overlay.opaque", new byte[] {'y'});
            at.makeNode(opened, "gone".getBytes(ISO_8859_1), 0020000, 0);
        }
    }

    private void mount(Path lower) throws IOException {
        Path work = Files.createTempDirectory(folder, "work");
        Command.run(
                "mount",
                "-t",
                "overlay",
                "overlay",
                "-o",
                "lowerdir=%s,upperdir=%s,workdir=%s".formatted(lower, tree, work),
                merged.toString());
    }

    private byte[] packAfterUnmount(Path directory) throws IOException {
        unmount();
        return PackedTree.pack(directory);
    }

    private Path write(byte[] archive) throws IOException {
        return Files.write(folder.resolve("archive.tar"), archive);
    }

    private static String contents(Path directory) {
        return Command.run("sh", "-ec", "cd " + directory + "; find . | sort; find . -type f | sort | xargs cat");
    }

    private static Path make(Path directory, String name) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, name);
    }
}
