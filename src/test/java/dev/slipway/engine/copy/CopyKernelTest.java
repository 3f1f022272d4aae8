package dev.slipway.engine.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Copies out of a directory that stands for a container's root, and into another.
@Timeout(60)
class CopyKernelTest {
    private static final IncomingCopy.Wishes AS_IT_IS = new IncomingCopy.Wishes("", false);
    private static final int FIRST = 1_000_000;
    private static final Optional<ContainerRoot.Users> USERS = Optional.of(new ContainerRoot.Users(FIRST, 65_536));

    @TempDir
    private Path folder;

    private Path from;
    private Path to;
    private Path outside;

    @BeforeEach
    void make() throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        to = Files.createDirectories(folder.resolve("to"));
        outside = Files.createDirectories(folder.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "of the host");
    }

    @Test
    void a_tree_arrives_as_it_was() throws IOException {
        Path tree = Files.createDirectories(from.resolve("data/deep/er"));
        Files.writeString(tree.resolve("file"), "content");
        Files.createLink(tree.resolve("same"), tree.resolve("file"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/etc/passwd"));
        Files.setAttribute(tree.resolve("file"), "unix:uid", 42);
        Files.setPosixFilePermissions(tree.resolve("file"), PosixFilePermissions.fromString("rwxr-x--x"));

        unpack("/", AS_IT_IS, take("/data"));

        Path file = to.resolve("data/deep/er/file");
        assertEquals("content", Files.readString(file));
        assertEquals(42, Files.getAttribute(file, "unix:uid"));
        assertEquals("rwxr-x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(Files.getAttribute(file, "unix:ino"), Files.getAttribute(file.resolveSibling("same"), "unix:ino"));
        assertEquals(Path.of("/etc/passwd"), Files.readSymbolicLink(file.resolveSibling("link")));
    }

    @Test
    void links_lead_where_they_lead_for_the_container() throws IOException {
        Files.createDirectories(from.resolve("real"));
        Files.writeString(from.resolve("real/secret"), "of the container");
        Files.createSymbolicLink(from.resolve("absolute"), Path.of("/real"));
        Files.createSymbolicLink(from.resolve("up"), Path.of("../../../../real/secret"));
        Files.createSymbolicLink(from.resolve("out"), outside);

        assertTrue(text(take("/absolute/secret")).contains("of the container"));
        assertTrue(text(take("/up")).contains("of the container"));
        assertTrue(text(take("/real/../../../real/secret")).contains("of the container"));
        assertThrows(MissingFileException.class, () -> take("/out/secret"));
        assertThrows(MissingFileException.class, () -> take("/nothing"));
    }

    @Test
    void nothing_is_unpacked_outside_the_root() throws IOException {
        Files.writeString(from.resolve("secret"), "overwritten");
        Files.createSymbolicLink(to.resolve("out"), outside);
        byte[] archive = take("/secret");

        assertThrows(MissingFileException.class, () -> unpack("/out", AS_IT_IS, archive));
        assertThrows(IOException.class, () -> unpack("/../..", AS_IT_IS, archive));
        Path trap = Files.createDirectories(from.resolve("dir")).resolve("trap");
        Files.createSymbolicLink(trap, outside);
        unpack("/", AS_IT_IS, take("/dir"));
        Files.delete(trap);
        Files.writeString(Files.createDirectories(trap).resolve("secret"), "overwritten");
        assertThrows(IOException.class, () -> unpack("/", AS_IT_IS, take("/dir")));

        assertEquals("of the host", Files.readString(outside.resolve("secret")));
    }

    /// A program of the container that puts a link in the place of a directory as soon as it is there.
    @Test
    void what_is_replaced_while_it_arrives_changes_nothing_outside() throws Exception {
        Path kept = Files.createDirectories(outside.resolve("kept"));
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rwx------"));
        Path tree = Files.createDirectories(from.resolve("dir"));
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxrwxrwx"));
        byte[] archive = take("/dir");
        Path arriving = to.resolve("dir");
        AtomicBoolean over = new AtomicBoolean();
        Thread attacker = Thread.ofPlatform().start(() -> replace(arriving, kept, over));
        try {
            for (int i = 0; i < 1000; i++) {
                try {
                    unpack("/", AS_IT_IS, archive);
                } catch (IOException lost) {
                    assertFalse(String.valueOf(lost.getMessage()).isEmpty());
                }
            }
        } finally {
            over.set(true);
            attacker.join();
        }

        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)));
    }

    private static void replace(Path directory, Path target, AtomicBoolean over) {
        while (!over.get()) {
            try {
                Files.delete(directory);
                Files.createSymbolicLink(directory, target);
                Files.delete(directory);
            } catch (IOException notThere) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void a_mode_is_not_given_through_a_link() throws IOException {
        Path secret = outside.resolve("secret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.createSymbolicLink(to.resolve("link"), secret);
        At at = new At();

        try (Fd directory = at.openHost(to)) {
            byte[] link = "link".getBytes(StandardCharsets.UTF_8);
            assertThrows(LinuxException.class, () -> at.changeMode(directory, link, 0777));
        }

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
    }

    @Test
    void a_file_takes_the_place_of_a_file_and_a_directory_stays() throws IOException {
        Files.createDirectories(from.resolve("etc"));
        Files.writeString(from.resolve("etc/conf"), "new");
        Files.createDirectories(to.resolve("etc"));
        Files.writeString(to.resolve("etc/conf"), "old");
        Files.writeString(to.resolve("etc/other"), "kept");
        Files.createDirectories(to.resolve("conf"));

        unpack("/", AS_IT_IS, take("/etc"));

        assertEquals("new", Files.readString(to.resolve("etc/conf")));
        assertEquals("kept", Files.readString(to.resolve("etc/other")));
        assertThrows(CopyRefusedException.class, () -> unpack("/", AS_IT_IS, take("/etc/conf")));
    }

    @Test
    void a_copy_may_have_another_name_and_belong_to_root() throws IOException {
        Files.createDirectories(from.resolve("a"));
        Files.writeString(from.resolve("a/file"), "content");
        Files.setAttribute(from.resolve("a/file"), "unix:uid", 42);

        unpack("/", new IncomingCopy.Wishes("b", true), take("/a"));

        assertEquals("content", Files.readString(to.resolve("b/file")));
        assertEquals(0, Files.getAttribute(to.resolve("b/file"), "unix:uid"));
        assertTrue(text(take("/a", "c")).startsWith("c/"));
    }

    @Test
    void owners_are_told_as_the_container_counts_them() throws IOException {
        Files.writeString(from.resolve("file"), "content");
        Files.setAttribute(from.resolve("file"), "unix:uid", FIRST + 33);
        Files.setAttribute(from.resolve("file"), "unix:gid", FIRST + 34);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ContainerRoot root = root(from, USERS);
                OutgoingCopy copy = OutgoingCopy.of(root, "/file", "")) {
            copy.writeTo(archive);
        }

        unpack("/", AS_IT_IS, archive.toByteArray());
        assertEquals(33, Files.getAttribute(to.resolve("file"), "unix:uid"));
        assertEquals(34, Files.getAttribute(to.resolve("file"), "unix:gid"));

        Files.delete(to.resolve("file"));
        try (ContainerRoot root = root(to, USERS)) {
            IncomingCopy.unpack(root, "/", AS_IT_IS, new ByteArrayInputStream(archive.toByteArray()));
        }
        assertEquals(FIRST + 33, Files.getAttribute(to.resolve("file"), "unix:uid"));
    }

    @Test
    void everything_of_a_tree_belongs_to_users_of_the_container() throws Exception {
        Path tree = Files.createDirectories(from.resolve("tree/below"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("nowhere"));
        command("mkfifo", "-m", "0640", tree.resolve("pipe").toString());
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwx-w---x"));
        byte[] archive = take("/tree/below");

        try (ContainerRoot root = root(to, USERS)) {
            IncomingCopy.unpack(root, "/", AS_IT_IS, new ByteArrayInputStream(archive));
        }

        Path copy = to.resolve("below");
        for (Path each : List.of(copy, copy.resolve("link"), copy.resolve("pipe"))) {
            assertEquals(FIRST, Files.getAttribute(each, "unix:uid", LinkOption.NOFOLLOW_LINKS), each.toString());
        }
        assertEquals("rwx-w---x", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("pipe"))));
        assertEquals(
                Files.getLastModifiedTime(tree).toMillis() / 1000,
                Files.getLastModifiedTime(copy).toMillis() / 1000);
    }

    @Test
    void a_container_has_as_many_users_as_its_namespace() throws IOException {
        Files.writeString(from.resolve("file"), "content");
        Files.setAttribute(from.resolve("file"), "unix:uid", 100_000);
        byte[] archive = take("/file");

        try (ContainerRoot large = root(to, Optional.of(new ContainerRoot.Users(FIRST, 131_072)));
                ContainerRoot small = root(to, Optional.of(new ContainerRoot.Users(FIRST, 1000)))) {
            IncomingCopy.unpack(large, "/", AS_IT_IS, new ByteArrayInputStream(archive));
            assertEquals(FIRST + 100_000, Files.getAttribute(to.resolve("file"), "unix:uid"));

            assertThrows(
                    CopyRefusedException.class,
                    () -> IncomingCopy.unpack(small, "/", AS_IT_IS, new ByteArrayInputStream(archive)));
        }
    }

    @Test
    void a_broken_archive_ends_the_copy_with_words() throws IOException {
        Files.write(from.resolve("file"), new byte[100_000]);
        byte[] archive = take("/file");
        ByteArrayInputStream cut = new ByteArrayInputStream(archive, 0, archive.length / 2);

        try (ContainerRoot root = root(to, USERS)) {
            IOException failure = assertThrows(IOException.class, () -> IncomingCopy.unpack(root, "/", AS_IT_IS, cut));
            assertTrue(String.valueOf(failure.getMessage()).contains("ends within an entry"), failure.toString());
        }
        assertFalse(Files.exists(to.resolve("other"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void a_deep_tree_is_copied_and_one_without_end_is_refused() throws IOException {
        nest(from, 400);
        unpack("/", AS_IT_IS, take("/"));
        assertEquals(400, depth(to));

        nest(from, 600);
        IOException failure = assertThrows(CopyRefusedException.class, () -> take("/"));
        assertTrue(String.valueOf(failure.getMessage()).contains("inside one another"), failure.toString());
    }

    private static void nest(Path top, int depth) throws IOException {
        At at = new At();
        byte[] name = {'d'};
        Fd current = at.openHost(top);
        for (int i = 0; i < depth; i++) {
            if (at.find(current, name).isEmpty()) {
                at.makeDirectory(current, name, 0755);
            }
            Fd next = at.openChild(current, name);
            current.close();
            current = next;
        }
        current.close();
    }

    private static int depth(Path top) {
        int depth = 0;
        for (Path below = top.resolve("d"); Files.exists(below); below = below.resolve("d")) {
            depth++;
        }
        return depth;
    }

    @Test
    void a_wide_directory_is_copied_whole() throws IOException {
        Path wide = Files.createDirectories(from.resolve("wide"));
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(wide.resolve("a file of a name of some length " + i));
        }

        unpack("/", AS_IT_IS, take("/wide"));

        try (Stream<Path> copied = Files.list(to.resolve("wide"))) {
            assertEquals(10_000, copied.count());
        }
    }

    @Test
    void files_of_two_file_systems_are_not_taken_for_one() throws Exception {
        Path one = mount(from.resolve("one"));
        Path other = mount(from.resolve("other"));
        try {
            for (Path each : List.of(one, other)) {
                Files.writeString(each.resolve("file"), "of " + each.getFileName());
                Files.createLink(each.resolve("same"), each.resolve("file"));
            }
            assertEquals(inode(one.resolve("file")), inode(other.resolve("file")), "both are new");

            unpack("/", AS_IT_IS, take("/"));

            for (Path each : List.of(to.resolve("one"), to.resolve("other"))) {
                assertEquals("of " + each.getFileName(), Files.readString(each.resolve("same")));
                assertEquals(inode(each.resolve("file")), inode(each.resolve("same")));
            }
        } finally {
            command("umount", one.toString());
            command("umount", other.toString());
        }
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino");
    }

    private static Path mount(Path directory) throws Exception {
        Files.createDirectories(directory);
        command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.toString());
        return directory;
    }

    private static void command(String... words) throws Exception {
        assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor(), String.join(" ", words));
    }

    @Test
    void a_link_to_what_is_not_copied_is_not_copied() throws Exception {
        command("mknod", from.resolve("null").toString(), "c", "1", "3");
        Files.createLink(from.resolve("same"), from.resolve("null"));
        Files.writeString(from.resolve("zoo"), "content");

        unpack("/", AS_IT_IS, take("/"));

        assertEquals("content", Files.readString(to.resolve("zoo")));
        assertFalse(Files.exists(to.resolve("same")));
    }

    /// The kernel has a size for it, and refuses to read it.
    @Test
    void a_file_that_cannot_be_read_breaks_the_archive_off() throws IOException {
        try (ContainerRoot root = root(Path.of("/sys/devices/virtual/net/lo"), Optional.empty());
                OutgoingCopy copy = OutgoingCopy.of(root, "/speed", "")) {
            assertThrows(IOException.class, () -> copy.writeTo(new ByteArrayOutputStream()));
        }
    }

    private byte[] take(String path) throws IOException {
        return take(path, "");
    }

    private byte[] take(String path, String as) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ContainerRoot root = root(from, Optional.empty());
                OutgoingCopy copy = OutgoingCopy.of(root, path, as)) {
            copy.writeTo(archive);
        }
        return archive.toByteArray();
    }

    private void unpack(String path, IncomingCopy.Wishes wishes, byte[] archive) throws IOException {
        try (ContainerRoot root = root(to, Optional.empty())) {
            IncomingCopy.unpack(root, path, wishes, new ByteArrayInputStream(archive));
        }
    }

    private static ContainerRoot root(Path directory, Optional<ContainerRoot.Users> users) throws IOException {
        return new ContainerRoot(new At().openHost(directory), users);
    }

    private static String text(byte[] archive) {
        return new String(archive, StandardCharsets.ISO_8859_1);
    }
}
