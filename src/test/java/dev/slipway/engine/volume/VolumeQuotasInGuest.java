package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.FreshDisk;
import dev.slipway.engine.volume.ManagedVolumes.Owners;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Volumes on file systems with project quotas. Not every kernel has them: runs in the virtual machine of
/// `UnifiedHostVM`, whose kernel does.
class VolumeQuotasInGuest {
    private static final VolumeName NAME = new VolumeName("default.data");
    private static final VolumeName OTHER = new VolumeName("default.other");
    private static final String EXT4 = "mkfs.ext4 -q -O quota,project";
    private static final String XFS = "mkfs.xfs -q";
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {EXT4, XFS})
    void a_write_beyond_the_capacity_fails_at_once(String mkfs) throws IOException {
        try (FreshDisk disk = FreshDisk.make("320M", mkfs, "prjquota")) {
            ManagedVolumes volumes = open(disk);
            Path path = volumes.ensure(NAME, Ownership.ROOT);
            Path other = volumes.ensure(OTHER, Ownership.ROOT);
            assertEquals(Enforcement.PROJECT_QUOTA, volumes.limit(NAME, 4 * MIB));
            assertEquals(Enforcement.PROJECT_QUOTA, volumes.limit(OTHER, 0));

            Ran refused = write(path.resolve("sub/file"), 8);

            assertTrue(refused.code() != 0, refused.said());
            assertTrue(refused.said().matches("(?s).*(Disk quota exceeded|No space left on device).*"), refused.said());
            long size = Files.size(path.resolve("sub/file"));
            assertTrue(size > 3 * MIB && size <= 4 * MIB, "written " + size);
            assertEquals(0, write(other.resolve("file"), 8).code(), "others are not concerned");
            volumes.limit(NAME, 16 * MIB);
            assertEquals(0, write(path.resolve("more"), 8).code(), "a larger capacity counts at once");
            volumes.limit(NAME, 0);
            assertEquals(0, write(path.resolve("most"), 16).code());
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {EXT4, XFS})
    void what_a_volume_takes_is_known_without_a_walk_also_after_a_restart(String mkfs) throws IOException {
        try (FreshDisk disk = FreshDisk.make("320M", mkfs, "prjquota")) {
            ManagedVolumes volumes = open(disk);
            Path path = volumes.ensure(NAME, new Ownership(7, 8, 0750));
            volumes.limit(NAME, 4 * MIB);
            write(path.resolve("sub/file"), 2);
            String project = project(path);

            ManagedVolumes later = open(disk);

            assertTrue(later.isCounted(NAME));
            TreeUsage counted = later.usage(NAME).orElseThrow();
            assertEquals(TreeUsage.of(path).files(), counted.files());
            assertTrue(counted.bytes() >= 2 * MIB && counted.bytes() < 3 * MIB, counted.toString());
            assertTrue(write(path.resolve("rest"), 8).code() != 0, "the limit stays");
            later.delete(NAME);
            assertEquals(Optional.empty(), later.usage(NAME));
            assertFalse(later.isCounted(NAME));
            assertEquals(List.of(), names(disk.directory().resolve("volumes/.projects")));
            later.ensure(NAME, Ownership.ROOT);
            assertFalse(project.equals(project(path)), "a project is one volume's");
            assertEquals(0, write(path.resolve("file"), 8).code(), "it has no limit of an earlier volume's");
        }
    }

    @Test
    void what_a_volume_is_filled_with_is_counted() throws IOException {
        Path layer = Files.createDirectories(folder.resolve("layer/data"));
        Files.write(layer.resolve("file"), new byte[2 * MIB]);
        try (FreshDisk disk = FreshDisk.make("320M", EXT4, "prjquota")) {
            ManagedVolumes volumes = open(disk);
            Path empty = volumes.ensure(NAME, Ownership.ROOT);
            volumes.limit(NAME, 4 * MIB);
            String project = project(empty);

            volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(folder.resolve("layer")), "/data");
            Path copy = volumes.populate(OTHER, Optional.empty(), volumes.contentOf(NAME));

            assertEquals(2 * MIB, Files.size(empty.resolve("file")));
            assertEquals(project, project(empty));
            assertTrue(volumes.usage(NAME).orElseThrow().bytes() >= 2 * MIB);
            assertTrue(volumes.usage(OTHER).orElseThrow().bytes() >= 2 * MIB);
            assertTrue(write(empty.resolve("more"), 8).code() != 0);
            assertFalse(project.equals(project(copy)), "each is a project of its own");
        }
    }

    @Test
    void a_volume_that_was_made_before_the_file_system_had_quotas_is_counted_as_a_whole() throws IOException {
        try (FreshDisk disk = FreshDisk.make("320M", EXT4, "noquota")) {
            ManagedVolumes before = open(disk);
            Path path = before.ensure(NAME, Ownership.ROOT);
            assertEquals(Enforcement.WATCH, before.limit(NAME, 4 * MIB));
            assertEquals(0, write(path.resolve("a/b/file"), 2).code());
            Files.createSymbolicLink(path.resolve("a/out"), folder);
            sh("mkfifo %s/a/fifo".formatted(path));
            Path fixed = Files.createDirectories(path.resolve("fixed"));
            Files.writeString(fixed.resolve("file"), "x");
            sh("chattr +i %s/file && chattr +i %s".formatted(fixed, fixed));
            disk.remount("prjquota");
            ManagedVolumes volumes = open(disk);
            assertFalse(volumes.isCounted(NAME));

            assertEquals(Enforcement.PROJECT_QUOTA, volumes.limit(NAME, 4 * MIB));

            assertTrue(volumes.usage(NAME).orElseThrow().bytes() >= 2 * MIB);
            assertTrue(write(path.resolve("a/b/more"), 4).code() != 0);
            assertEquals(project(path), project(path.resolve("a/b")));
            assertEquals(project(path), project(open(disk).find(NAME).orElseThrow()), "it is noted");
            assertEquals("0", project(fixed), "what somebody has made immutable stays as it is");
            sh("chattr -i %s && chattr -i %s/file".formatted(fixed, fixed));
        }
    }

    @Test
    void what_only_counts_or_is_of_another_project_is_watched() throws IOException {
        try (FreshDisk disk = FreshDisk.make("320M", EXT4, "prjquota")) {
            Path directory = Files.createDirectories(disk.directory().resolve("volumes"));
            sh("chattr -p 7 %s && chattr +P %s".formatted(directory, directory));
            ManagedVolumes volumes = open(disk);

            Path path = volumes.ensure(NAME, Ownership.ROOT);

            assertEquals(Enforcement.WATCH, volumes.limit(NAME, 4 * MIB));
            assertEquals("7", project(path), "what an administrator has set up stays");
        }
    }

    private static ManagedVolumes open(FreshDisk disk) throws IOException {
        ManagedVolumes volumes = new ManagedVolumes(disk.directory().resolve("volumes"));
        volumes.open();
        return volumes;
    }

    /// As root of a container does, which lacks the capability to go beyond limits.
    private static Ran write(Path file, int mebibytes) throws IOException {
        Files.createDirectories(file.getParent());
        return run("setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource"
                + " dd if=/dev/zero of=%s bs=1M conv=fsync count=%d".formatted(file, mebibytes));
    }

    private static String project(Path directory) throws IOException {
        return sh("lsattr -pd " + directory).split(" +")[0];
    }

    private record Ran(int code, String said) {}

    private static String sh(String line) throws IOException {
        Ran ran = run(line);
        assertEquals(0, ran.code(), ran.said());
        return ran.said();
    }

    private static Ran run(String line) throws IOException {
        Process process =
                new ProcessBuilder("sh", "-c", line).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.onExit().join().exitValue(), out.strip());
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
