package dev.slipway.engine.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.tree.TreeNode;
import dev.slipway.engine.tree.TreeWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real files of this host, in trees that real programs run in.
class HostFilesKernelTest {
    @TempDir
    private Path directory;

    private TreeRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new TreeRig(directory);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void a_static_binary_runs_under_the_path_it_has_on_the_host() throws IOException {
        Path tree = rig.copied(rig.select(true, "/bin/busybox"));

        assertEquals("hello\n", Command.run("chroot", tree.toString(), "/bin/busybox", "echo", "hello"));
    }

    @Test
    void a_dynamic_binary_runs_with_the_libraries_it_needs() throws IOException {
        Path tree =
                rig.copied(rig.select(true, "/bin/ls", "/usr/bin/perl", "/usr/lib/*-linux-gnu/perl-base", "/dev/null"));
        String chroot = tree.toString();

        String files = Command.run("chroot", chroot, "/bin/ls", "/");
        String sum = Command.run(
                "env", "LC_ALL=C", "chroot", chroot, "/usr/bin/perl", "-MIO::Socket::INET", "-e", "print 1+2");

        assertTrue(files.contains("usr"), files);
        assertEquals("3", sum);
    }

    @Test
    void the_loader_of_the_host_agrees_which_libraries_are_needed() throws IOException {
        for (String binary : new String[] {"/usr/bin/skopeo", "/usr/bin/kubectl", "/bin/bash", "/usr/bin/crun"}) {
            if (!Files.exists(Path.of(binary))) {
                continue;
            }
            Selection selection = rig.select(true, binary);

            assertEquals(libraries(binary), elfs(selection, binary), binary);
        }
    }

    /// What the loader itself says, as real paths.
    private static Set<Path> libraries(String binary) throws IOException {
        Process ldd =
                new ProcessBuilder("ldd", binary).redirectErrorStream(true).start();
        String said = new String(ldd.getInputStream().readAllBytes());
        return said.lines()
                .flatMap(line -> Stream.of(line.trim().split(" ")).filter(word -> word.startsWith("/")))
                .map(HostFilesKernelTest::real)
                .collect(Collectors.toSet());
    }

    private static Set<Path> elfs(Selection selection, String binary) {
        return selection.nodes().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof TreeNode.File)
                .map(entry -> real("/" + entry.getKey()))
                .filter(path -> !path.equals(real(binary)) && !path.equals(Path.of("/etc/ld.so.cache")))
                .collect(Collectors.toSet());
    }

    private static Path real(String path) {
        try {
            return Path.of(path).toRealPath();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void without_libraries_only_the_file_comes() throws IOException {
        Selection selection = rig.select(false, "/bin/bash");

        assertEquals(
                Set.of(Path.of("/bin/bash").toRealPath().toString().substring(1)),
                selection.nodes().entrySet().stream()
                        .filter(entry -> entry.getValue() instanceof TreeNode.File)
                        .map(java.util.Map.Entry::getKey)
                        .collect(Collectors.toSet()));
    }

    @Test
    void a_directory_comes_whole_with_links_modes_owners_and_hard_links() throws IOException {
        Path source = Files.createDirectories(directory.resolve("source/inner"));
        Path outside = Files.writeString(directory.resolve("outside.txt"), "outside");
        Path file = Files.writeString(source.resolve("Főtanúsítvány.crt"), "certificate");
        Files.setAttribute(file, "unix:uid", 1234);
        Files.setAttribute(file, "unix:mode", 04711);
        Files.createLink(source.resolve("same"), file);
        Files.createSymbolicLink(source.resolve("to-file"), outside);
        Files.createSymbolicLink(source.resolve("to-directory"), Path.of("/usr"));
        Files.createSymbolicLink(source.resolve("to-nothing"), Path.of("nowhere"));

        Path tree = rig.copied(rig.select(false, directory.resolve("source").toString()));

        Path copy = tree.resolve(source.toString().substring(1));
        Path copied = copy.resolve("Főtanúsítvány.crt");
        assertEquals("certificate", Files.readString(copied));
        assertEquals(04711, (int) Files.getAttribute(copied, "unix:mode") & 07777);
        assertEquals(1234, (int) Files.getAttribute(copied, "unix:uid"));
        assertTrue(Files.isSameFile(copied, copy.resolve("same")));
        assertEquals("outside", Files.readString(tree.resolve(outside.toString().substring(1))));
        assertEquals(Path.of("/usr"), Files.readSymbolicLink(copy.resolve("to-directory")));
        assertEquals(Path.of("nowhere"), Files.readSymbolicLink(copy.resolve("to-nothing")));
        assertFalse(Files.exists(tree.resolve("usr"), LinkOption.NOFOLLOW_LINKS));
        assertEquals(FileTime.from(TreeWriter.AGE), Files.getLastModifiedTime(copy));
        assertEquals(FileTime.from(TreeWriter.AGE), Files.getLastModifiedTime(copied));
    }

    @Test
    void capabilities_and_attributes_of_users_come_along() throws IOException {
        Path file = Files.copy(Path.of("/bin/busybox"), directory.resolve("capable"));
        Files.setAttribute(file, "user:note", ByteBuffer.wrap("kept".getBytes(UTF_8)));
        At at = new At();
        byte[] capabilities = HexFormat.of().parseHex("0100000200200000000000000000000000000000");
        try (Fd held = at.openHost(directory)) {
            at.setAttribute(held, "capable".getBytes(UTF_8), "security.capability", capabilities);
        }

        Path copy = rig.copied(rig.select(false, file.toString()))
                .resolve(file.toString().substring(1));

        assertArrayEquals("kept".getBytes(UTF_8), (byte[]) Files.getAttribute(copy, "user:note"));
        try (Fd held = at.openHost(copy.getParent())) {
            assertArrayEquals(capabilities, at.attribute(held, "capable".getBytes(UTF_8), "security.capability"));
        }
    }

    @Test
    void the_images_own_directories_and_links_stay() throws IOException {
        Path base = Files.createDirectory(directory.resolve("base"));
        Files.createDirectory(base.resolve("bin"));
        Files.writeString(base.resolve("bin/own"), "own");
        Files.createSymbolicLink(base.resolve("lib64"), Path.of("libraries"));
        Files.createDirectory(base.resolve("libraries"));

        Set<String> planned = TreeRig.planned(rig.select(true, "/bin/ls"), base).keySet();

        assertTrue(planned.contains("bin/ls"), planned.toString());
        assertTrue(planned.contains("libraries/ld-linux-x86-64.so.2"), planned.toString());
        assertFalse(planned.contains("lib64"), planned.toString());
    }

    @Test
    void what_is_not_there_is_said() {
        NoSuchFileException missing =
                assertThrows(NoSuchFileException.class, () -> rig.select(false, "/bin/no-such-program"));
        NoSuchFileException unmatched =
                assertThrows(NoSuchFileException.class, () -> rig.select(false, "/no/such*/place"));

        assertEquals(
                "this host has no file /usr/bin/no-such-program, to which /bin/no-such-program leads",
                missing.getMessage());
        assertEquals("no file of this host matches /no/such*/place", unmatched.getMessage());
    }

    @Test
    void a_dangling_link_is_said() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("gone"));

        NoSuchFileException dangling =
                assertThrows(NoSuchFileException.class, () -> rig.select(false, link.toString()));

        assertEquals(
                "this host has no file " + directory + "/gone, to which " + link + " leads", dangling.getMessage());
    }
}
