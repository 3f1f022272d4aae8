package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.volume.HostPath.Type;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every type of hostPath against everything that can be there.
class HostPathsKernelTest {
    @TempDir
    Path folder;

    private Path file;
    private Path socket;
    private Path characters;
    private Path blocks;

    @BeforeEach
    void makeOneOfEach() throws IOException, InterruptedException {
        file = Files.createFile(folder.resolve("file"));
        socket = folder.resolve("socket");
        characters = folder.resolve("characters");
        blocks = folder.resolve("blocks");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
        }
        assertEquals(
                0,
                new ProcessBuilder("mknod", characters.toString(), "c", "1", "3")
                        .start()
                        .waitFor());
        assertEquals(
                0,
                new ProcessBuilder("mknod", blocks.toString(), "b", "7", "250")
                        .start()
                        .waitFor());
    }

    @Test
    @DisplayName("S46 a type of hostPath fits what it names, and nothing else")
    void a_type_fits_what_it_names() {
        assertEquals(EnumSet.of(Type.UNCHECKED, Type.DIRECTORY, Type.DIRECTORY_OR_CREATE), fitting(folder));
        assertEquals(EnumSet.of(Type.UNCHECKED, Type.FILE, Type.FILE_OR_CREATE), fitting(file));
        assertEquals(EnumSet.of(Type.UNCHECKED, Type.SOCKET), fitting(socket));
        assertEquals(EnumSet.of(Type.UNCHECKED, Type.CHAR_DEVICE), fitting(characters));
        assertEquals(EnumSet.of(Type.UNCHECKED, Type.BLOCK_DEVICE), fitting(blocks));
    }

    @Test
    void links_are_followed_because_policy_gave_the_path() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        assertEquals(EnumSet.of(Type.UNCHECKED, Type.FILE, Type.FILE_OR_CREATE), fitting(link));
    }

    @Test
    void what_is_missing_is_made_where_the_type_says_so() throws IOException {
        for (Type type : List.of(Type.DIRECTORY, Type.FILE, Type.SOCKET, Type.CHAR_DEVICE, Type.BLOCK_DEVICE)) {
            assertThrows(IOException.class, () -> HostPaths.ensure(new HostPath(folder.resolve("missing"), type)));
            assertFalse(Files.exists(folder.resolve("missing")), type.toString());
        }

        HostPaths.ensure(new HostPath(folder.resolve("a/b"), Type.DIRECTORY_OR_CREATE));
        HostPaths.ensure(new HostPath(folder.resolve("c"), Type.UNCHECKED));
        HostPaths.ensure(new HostPath(folder.resolve("d"), Type.FILE_OR_CREATE));

        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a/b"))));
        assertTrue(Files.isDirectory(folder.resolve("c")));
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("d"))));
    }

    @Test
    void a_refusal_has_the_words_of_kubernetes() {
        IOException refused =
                assertThrows(IOException.class, () -> HostPaths.ensure(new HostPath(file, Type.DIRECTORY)));

        assertEquals("hostPath type check failed: " + file + " is not a directory", refused.getMessage());
    }

    @Test
    void types_are_named_as_in_kubernetes() {
        List<String> words = new ArrayList<>();
        for (Type type : Type.values()) {
            assertEquals(type, Type.of(type.word()));
            words.add(type.word());
        }

        assertEquals(
                Set.of(
                        "",
                        "DirectoryOrCreate",
                        "Directory",
                        "FileOrCreate",
                        "File",
                        "Socket",
                        "CharDevice",
                        "BlockDevice"),
                Set.copyOf(words));
        assertThrows(IllegalArgumentException.class, () -> Type.of("directory"));
    }

    private static Set<Type> fitting(Path path) {
        EnumSet<Type> fitting = EnumSet.noneOf(Type.class);
        for (Type type : Type.values()) {
            try {
                HostPaths.ensure(new HostPath(path, type));
                fitting.add(type);
            } catch (IOException e) {
                assertTrue(e.getMessage().startsWith("hostPath type check failed: " + path), e.getMessage());
            }
        }
        return fitting;
    }
}
