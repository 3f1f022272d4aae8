package dev.slipway.engine.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whiteouts and opaque directories need root.
class LayeredFilesKernelTest {
    private static final int WHITEOUT = FileStat.CHARACTER_DEVICE;

    @TempDir
    private Path directory;

    private Path top;
    private Path middle;
    private Path bottom;

    @BeforeEach
    void layers() throws IOException {
        top = Files.createDirectories(directory.resolve("top"));
        middle = Files.createDirectories(directory.resolve("middle"));
        bottom = Files.createDirectories(directory.resolve("bottom"));
        write(bottom, "etc/passwd", "bottom");
        write(bottom, "etc/group", "bottom");
        write(middle, "etc/passwd", "middle");
    }

    @Test
    void the_topmost_layer_that_has_a_file_wins() throws IOException {
        requireEverywhere("etc", "passwd", "middle");
        requireEverywhere("etc", "group", "bottom");
        requireEverywhere("etc", "shadow", null);
    }

    @Test
    void a_whiteout_hides_a_file_of_the_layers_below() throws IOException {
        whiteout(top, "etc", "passwd");

        requireEverywhere("etc", "passwd", null);
        requireEverywhere("etc", "group", "bottom");
    }

    @Test
    void a_file_may_come_back_above_its_whiteout() throws IOException {
        whiteout(middle.resolve("etc/passwd"));
        write(top, "etc/passwd", "top");

        requireEverywhere("etc", "passwd", "top");
        requireEverywhere("etc", "group", "bottom");
    }

    @Test
    void a_whiteout_in_between_ends_the_merge_of_a_directory() throws IOException {
        Files.delete(middle.resolve("etc/passwd"));
        Files.delete(middle.resolve("etc"));
        whiteout(middle, ".", "etc");
        write(top, "etc/passwd", "top");

        requireEverywhere("etc", "passwd", "top");
        requireEverywhere("etc", "group", null);
    }

    @Test
    void an_opaque_directory_hides_what_lower_layers_have_in_it() throws IOException {
        Files.createDirectories(top.resolve("etc"));
        opaque(top, "etc");

        requireEverywhere("etc", "passwd", null);
        requireEverywhere("etc", "group", null);
    }

    @Test
    void a_file_in_the_place_of_a_directory_hides_it() throws IOException {
        write(top, "etc", "file");

        assertEquals(null, read("/etc/passwd"));
        assertEquals("file", read("/etc"));
    }

    @Test
    void links_are_followed_through_all_layers() throws IOException {
        Files.delete(middle.resolve("etc/passwd"));
        Files.createSymbolicLink(middle.resolve("etc/passwd"), Path.of("/data/./../data/users"));
        Files.createSymbolicLink(top.resolve("data"), Path.of("real//data"));
        write(bottom, "real/data/users", "found");

        assertEquals("found", read("/etc/passwd"));
    }

    @Test
    void links_cannot_leave_the_layers() throws IOException {
        write(directory, "secret", "of the host");
        Files.delete(middle.resolve("etc/passwd"));
        Files.createSymbolicLink(
                middle.resolve("etc/passwd"), Path.of("../../../../../../../" + directory + "/secret"));
        Files.createSymbolicLink(top.resolve("up"), Path.of("../../secret"));
        Files.createSymbolicLink(top.resolve("host"), directory.resolve("secret"));

        assertEquals(null, read("/etc/passwd"));
        assertEquals(null, read("/up"));
        assertEquals(null, read("/host"));
        write(top, "secret", "of the image");
        assertEquals("of the image", read("/up"));
    }

    @Test
    void links_in_circles_are_refused() throws IOException {
        Files.createSymbolicLink(top.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(top.resolve("b"), Path.of("a"));

        LinuxException refused = assertThrows(LinuxException.class, () -> read("/a"));

        assertEquals(Errno.ELOOP, refused.errno());
    }

    @Test
    void names_need_not_be_text() throws IOException {
        byte[] name = {(byte) 0xff, (byte) 0xfe};
        At at = new At();
        try (Fd layer = at.openHost(top)) {
            at.makeDirectory(layer, name, 0755);
            at.makeSymlink(name, layer, "link".getBytes(StandardCharsets.US_ASCII));
            try (Fd odd = at.openChild(layer, name);
                    Fd file = at.create(odd, "x".getBytes(StandardCharsets.US_ASCII), 0644)) {
                at.write(file, "odd".getBytes(StandardCharsets.US_ASCII), 0, 3);
            }
        }

        assertEquals("odd", read("/link/x"));
    }

    @Test
    void a_directory_is_no_file() {
        IOException refused = assertThrows(IOException.class, () -> read("/etc"));

        assertEquals("read /etc: not a regular file", refused.getMessage());
    }

    @Test
    void nothing_stays_open() throws IOException {
        try (LayeredFiles files = LayeredFiles.open(List.of(top))) {
            assertFalse(openFiles().isEmpty());
        }

        for (int i = 0; i < 50; i++) {
            assertEquals("middle", read("/etc/passwd"));
        }
        assertThrows(IOException.class, () -> LayeredFiles.open(List.of(top, directory.resolve("missing"))));
        try (Fd root = new At().openHost(bottom)) {
            List<Path> before = openFiles();
            ImageUsers.in(root);
            assertEquals(before, openFiles());
        }

        assertEquals(List.of(), openFiles());
    }

    /// Containers lead there by a link. Some have no end: /proc/kmsg waits for what the kernel says next.
    @Test
    void of_a_file_of_the_kernel_nothing_is_read() throws IOException {
        assertFalse(Files.readString(Path.of("/proc/version")).isEmpty());
        try (Fd root = new At().openHost(Path.of("/proc"));
                LayeredFiles files = LayeredFiles.of(root)) {
            assertEquals(0, files.read("/version", 1000).orElseThrow().length);
        }
    }

    /// By this class, and by an overlay of the kernel.
    private void requireEverywhere(String parent, String name, String expected) throws IOException {
        assertEquals(expected, read("/" + parent + "/" + name));
        assertEquals(expected, readMounted(parent, name));
    }

    private String read(String path) throws IOException {
        try (LayeredFiles files = LayeredFiles.open(List.of(top, middle, bottom))) {
            return files.read(path, 1 << 20).map(String::new).orElse(null);
        }
    }

    private String readMounted(String parent, String name) throws IOException {
        At at = new At();
        try (Fd root = Mounts.mergedLayers(List.of(top, middle, bottom));
                Fd folder = at.openDirectory(root, parent.getBytes(StandardCharsets.US_ASCII))) {
            byte[] bytes = new byte[100];
            Optional<FileStat> stat = at.find(folder, name.getBytes(StandardCharsets.US_ASCII));
            if (stat.isEmpty()) {
                return null;
            }
            try (Fd file = at.openFile(folder, name.getBytes(StandardCharsets.US_ASCII))) {
                return new String(bytes, 0, at.read(file, bytes), StandardCharsets.US_ASCII);
            }
        }
    }

    private static void write(Path layer, String path, String content) throws IOException {
        Path file = layer.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static void whiteout(Path file) throws IOException {
        Files.delete(file);
        whiteout(file.getParent(), ".", file.getFileName().toString());
    }

    private static void whiteout(Path layer, String parent, String name) throws IOException {
        Files.createDirectories(layer.resolve(parent));
        At at = new At();
        try (Fd folder = at.openHost(layer.resolve(parent))) {
            at.makeNode(folder, name.getBytes(StandardCharsets.US_ASCII), WHITEOUT, 0);
        }
    }

    private static void opaque(Path layer, String name) throws IOException {
        At at = new At();
        try (Fd folder = at.openHost(layer)) {
            at.setAttribute(
                    folder, name.getBytes(StandardCharsets.US_ASCII), "trusted.overlay.opaque", new byte[] {'y'});
        }
    }

    /// Of the layers: others of this process come and go.
    private List<Path> openFiles() throws IOException {
        List<Path> open = new ArrayList<>();
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    open.add(Files.readSymbolicLink(descriptor));
                } catch (NoSuchFileException e) {
                    // It was closed a moment ago.
                    continue;
                }
            }
        }
        open.removeIf(file -> !file.startsWith(directory));
        return open;
    }
}
