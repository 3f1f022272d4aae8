package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodVolumesKernelTest {
    private static final PodUid POD = new PodUid("pod");

    @TempDir
    Path home;

    private PodVolumes volumes;

    @BeforeEach
    void open() throws IOException {
        volumes = make();
        volumes.open();
    }

    @AfterEach
    void dismantle() throws IOException {
        volumes.dismantle();
        assertEquals(List.of(), mounts());
    }

    @Test
    void an_empty_directory_is_open_to_all_and_found_again() throws IOException {
        Path directory = volumes.emptyDir(POD, "work");
        Files.writeString(directory.resolve("file"), "x");

        PodVolumes later = make();
        later.open();

        assertEquals(directory, later.emptyDir(POD, "work"));
        assertEquals("x", Files.readString(directory.resolve("file")));
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
    }

    @Test
    void an_empty_directory_in_memory_takes_no_more_than_its_limit_and_survives_the_engine() throws IOException {
        Path directory = volumes.emptyDirInMemory(POD, "cache", OptionalLong.of(1 << 20));
        Files.write(directory.resolve("fits"), new byte[600_000]);

        IOException full =
                assertThrows(IOException.class, () -> Files.write(directory.resolve("too-much"), new byte[600_000]));
        PodVolumes later = make();
        later.open();

        assertTrue(full.getMessage().contains("No space left"), full.getMessage());
        assertEquals(directory, later.emptyDirInMemory(POD, "cache", OptionalLong.of(1 << 20)));
        assertEquals(600_000, Files.size(directory.resolve("fits")));
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
    }

    @Test
    void an_empty_directory_in_huge_pages_is_a_file_system_of_them() throws IOException {
        Path directory = volumes.emptyDirInHugePages(POD, "huge", 2L << 20, OptionalLong.of(4L << 20));

        assertEquals("hugetlbfs", Files.getFileStore(directory).type());
        assertEquals(2L << 20, Files.getFileStore(directory).getBlockSize());
        assertEquals(4L << 20, Files.getFileStore(directory).getTotalSpace());
        assertEquals(directory, volumes.emptyDirInHugePages(POD, "huge", 2L << 20, OptionalLong.of(4L << 20)));
    }

    @Test
    void projected_files_are_in_memory_only() throws IOException {
        Path directory = volumes.project(
                POD, "secret", Map.of("token", new ProjectedFile("x".getBytes(StandardCharsets.UTF_8), 0400)));

        assertEquals("tmpfs", Files.getFileStore(directory.resolve("token")).type());
        assertEquals(directory, volumes.find(POD, "secret").orElseThrow());
    }

    @Test
    @DisplayName("S32 the volumes of a pod leave no mount, directory or file behind")
    void removing_leaves_nothing() throws IOException {
        List<String> before = mounts();
        Files.writeString(volumes.emptyDir(POD, "work").resolve("file"), "x");
        volumes.emptyDirInMemory(POD, "cache", OptionalLong.empty());
        volumes.project(POD, "config", Map.of("a", new ProjectedFile(new byte[0], 0644)));
        volumes.emptyDir(new PodUid("other"), "work");

        volumes.remove(POD);
        volumes.remove(POD);

        assertEquals(before, mounts());
        assertFalse(Files.exists(home.resolve("disk/pod")));
        assertFalse(Files.exists(home.resolve("memory/pod")));
        assertTrue(Files.exists(home.resolve("disk/other/work")));
        volumes.sweep(Set.of());
        assertFalse(Files.exists(home.resolve("disk/other")));
    }

    @Test
    void a_directory_of_a_server_is_mounted_as_long_as_the_pod_is_there() throws IOException {
        PodUid other = new PodUid("other");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            NfsExport export = new NfsExport("127.0.0.1", "/srv", false, List.of("port=" + server.getLocalPort()));

            Path one = volumes.nfs(POD, "files", export);
            Path two = make().nfs(other, "files", export);

            Files.writeString(one.resolve("file"), "x");
            assertEquals(one, make().nfs(POD, "files", export), "it is not mounted again");
            assertEquals(
                    2,
                    mounts().stream().filter(mount -> mount.contains("files")).count());
            volumes.remove(POD);
            assertFalse(Files.exists(one));
            assertTrue(Files.exists(two));
            volumes.sweep(Set.of());
            assertFalse(Files.exists(two));
        }
    }

    @Test
    void a_name_that_is_a_path_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> volumes.emptyDir(POD, "../x"));
        assertThrows(IllegalArgumentException.class, () -> volumes.find(POD, "a/b"));
    }

    private PodVolumes make() {
        return new PodVolumes(
                home.resolve("disk"),
                home.resolve("memory"),
                (source, target, readOnly, options) -> Mounts.tmpfs(target, "size=65536"));
    }

    private List<String> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(home.toString()))
                .toList();
    }
}
