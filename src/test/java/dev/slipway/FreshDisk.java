package dev.slipway;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// An empty XFS in a sparse file, mounted for as long as it is open. Stores that are measured lie on it: ext4 searches
/// past inodes that were deleted a moment ago, so that the second of two equal pulls would take twice as long as the
/// first, whoever does it.
final class FreshDisk implements AutoCloseable {
    private final Path image;
    private final Path directory;

    private FreshDisk(Path image, Path directory) {
        this.image = image;
        this.directory = directory;
    }

    /// Needs root and xfsprogs. The directory has a short name, because podman takes no long ones.
    static FreshDisk make() throws IOException {
        Path image = Files.createTempFile(Path.of("/tmp"), "disk", ".xfs");
        FreshDisk disk = new FreshDisk(
                image,
                Files.createDirectory(Path.of("/tmp/d" + ProcessHandle.current().pid())));
        disk.shell("truncate -s 16G %s && mkfs.xfs -q -f %s && mount -o loop %s %s"
                .formatted(image, image, image, disk.directory));
        return disk;
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        shell("umount -l %s; rm -f %s; rmdir %s".formatted(directory, image, directory));
    }

    private void shell(String line) {
        Ran.run(new ProcessBuilder("sh", "-c", line), "").orFail();
    }
}
