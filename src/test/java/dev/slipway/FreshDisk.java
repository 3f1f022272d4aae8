package dev.slipway;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// An empty file system in a sparse file, mounted for as long as it is open.
public final class FreshDisk implements AutoCloseable {
    private final Path image;
    private final Path directory;

    private FreshDisk(Path image, Path directory) {
        this.image = image;
        this.directory = directory;
    }

    /// One for stores that are measured: ext4 searches past inodes that were deleted a moment ago, so that the
    /// second of two equal pulls would take twice as long as the first, whoever does it.
    static FreshDisk toMeasure() throws IOException {
        return make("16G", "mkfs.xfs -q -f");
    }

    /// Needs root. The directory has a short name, because podman takes no long ones.
    ///
    /// @param size as truncate(1) reads it
    /// @param mkfs command that makes a file system in the file that follows
    public static FreshDisk make(String size, String mkfs) throws IOException {
        return make(size, mkfs, "nodiratime");
    }

    /// @param options of the mount, as mount(8) takes them
    public static FreshDisk make(String size, String mkfs, String options) throws IOException {
        FreshDisk disk = new FreshDisk(
                Files.createTempFile(Path.of("/tmp"), "disk", ""),
                Files.createDirectory(Path.of("/tmp/d" + ProcessHandle.current().pid())));
        try {
            disk.shell("truncate -s %s %s && %s %s && mount -o loop,%s %s %s"
                    .formatted(size, disk.image, mkfs, disk.image, options, disk.image, disk.directory));
        } catch (AssertionError e) {
            disk.close();
            throw e;
        }
        return disk;
    }

    /// Mounts it again, which not every option can be changed without.
    public void remount(String options) {
        shell("umount %s && mount -o loop,%s %s %s".formatted(directory, options, image, directory));
    }

    public Path directory() {
        return directory;
    }

    /// A directory whose files are in memory for as long as this is open.
    public Path inMemory(String name) throws IOException {
        Path all = directory.resolve("ram");
        if (!Files.exists(all)) {
            Files.createDirectory(all);
            shell("mount -t tmpfs tmpfs " + all);
        }
        return Files.createDirectory(all.resolve(name));
    }

    /// What can still be written to it.
    public long freeBytes() {
        return directory.toFile().getUsableSpace();
    }

    @Override
    public void close() {
        shell("! mountpoint -q %s || umount -l %s; rm -f %s; rmdir %s"
                .formatted(directory, directory, image, directory));
    }

    private void shell(String line) {
        Ran.run(new ProcessBuilder("sh", "-c", line), "").orFail();
    }
}
