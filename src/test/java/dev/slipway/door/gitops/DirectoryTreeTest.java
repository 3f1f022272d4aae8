package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTreeTest {
    @TempDir
    private Path folder = Path.of("");

    private final List<Path> watched = new ArrayList<>();
    private Path root;

    @BeforeEach
    void make() throws IOException {
        root = Files.createDirectory(folder.toRealPath().resolve("root"));
    }

    @Test
    void manifests_are_read_recursively_in_the_order_of_their_paths() throws IOException {
        write("b.yaml", "b");
        write("a/c.yml", "c");
        write("a/b/d.json", "d");
        write("a/notes.txt", "x");
        write(".hidden.yaml", "x");
        write(".git/config.yaml", "x");
        write("z.yaml~", "x");

        assertEquals(List.of("a/b/d.json", "a/c.yml", "b.yaml"), paths());
        assertEquals(List.of(root, root.resolve("a"), root.resolve("a/b")), watched);
    }

    @Test
    void a_mounted_config_map_is_read_through_its_links_once() throws IOException {
        write("..2026_01/web.yaml", "web");
        Files.createSymbolicLink(root.resolve("..data"), Path.of("..2026_01"));
        Files.createSymbolicLink(root.resolve("web.yaml"), Path.of("..data/web.yaml"));
        Files.createSymbolicLink(root.resolve("web2.yaml"), Path.of("web.yaml"));

        assertEquals(List.of("web.yaml"), paths());
        assertTrue(watched.contains(root.resolve("..2026_01")), "writes behind the link are heard: " + watched);
    }

    @Test
    void a_linked_directory_in_the_tree_is_read_and_loops_end() throws IOException {
        write(".worktrees/abc/web.yaml", "web");
        Files.createSymbolicLink(root.resolve("current"), Path.of(".worktrees/abc"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("."));
        Files.createSymbolicLink(root.resolve(".worktrees/abc/up"), root);

        assertEquals(List.of("current/web.yaml"), paths());
    }

    @Test
    void the_directory_itself_may_be_a_link() throws IOException {
        write("web.yaml", "web");
        Path link = Files.createSymbolicLink(folder.resolve("link"), root);

        assertEquals(1, DirectoryTree.read(link, watched::add).size());
        assertEquals(root, watched.getFirst());
    }

    @Test
    void links_out_of_the_directory_are_not_followed() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret.yaml"), "apiVersion: v1");
        Files.createDirectory(folder.resolve("other"));
        Files.writeString(folder.resolve("other/x.yaml"), "apiVersion: v1");
        Files.createSymbolicLink(root.resolve("a.yaml"), secret);
        Files.createSymbolicLink(root.resolve("b.yaml"), Path.of("../secret.yaml"));
        Files.createSymbolicLink(root.resolve("c.yaml"), Path.of("missing"));
        Files.createSymbolicLink(root.resolve("other"), Path.of("../other"));

        assertEquals(
                List.of(
                        "a.yaml: the link leads out of the directory",
                        "b.yaml: the link leads out of the directory",
                        "c.yaml: the link leads nowhere"),
                problems());
    }

    @Test
    @Timeout(20)
    void what_is_no_regular_file_or_too_large_is_told_and_not_read() throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", root.resolve("pipe.yaml").toString())
                        .start()
                        .waitFor());
        Files.createSymbolicLink(root.resolve("link.yaml"), Path.of("pipe.yaml"));
        Files.createSymbolicLink(root.resolve("device.yaml"), Path.of("/dev/zero"));
        write("large.yaml", "# " + "x".repeat(3 << 20));
        write("good.yaml", "ok");

        assertEquals(
                List.of(
                        "device.yaml: the link leads out of the directory",
                        "large.yaml: larger than 3145728 bytes",
                        "link.yaml: not a regular file"),
                problems());
        assertEquals(4, paths().size());
    }

    @Test
    void a_tree_without_end_is_refused_as_a_whole() throws IOException {
        write("x/".repeat(40) + "deep.yaml", "deep");

        assertThrows(IOException.class, this::paths);
    }

    @Test
    void a_directory_that_is_missing_or_none_is_an_error() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThrows(NoSuchFileException.class, () -> DirectoryTree.read(folder.resolve("nowhere"), watched::add));
        assertThrows(IOException.class, () -> DirectoryTree.read(file, watched::add));
    }

    private void write(String path, String name) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                name.startsWith("#")
                        ? name
                        : "{\"apiVersion\": \"v1\", \"kind\": \"X\", \"metadata\": {\"name\": \"%s\"}}"
                                .formatted(name));
    }

    private List<String> paths() throws IOException {
        return DirectoryTree.read(root, watched::add).stream()
                .map(ManifestFile::path)
                .toList();
    }

    private List<String> problems() throws IOException {
        return DirectoryTree.read(root, watched::add).stream()
                .filter(ManifestFile.Bad.class::isInstance)
                .map(file -> ((ManifestFile.Bad) file).problem().toString())
                .toList();
    }
}
