package dev.slipway.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/// Replaces a file so that a reader, or a power cut, sees the old bytes or the new ones and never a mix: written
/// aside in the same directory, synced, renamed, the directory synced.
///
/// @spec https://man7.org/linux/man-pages/man2/rename.2.html rename(2)
public final class AtomicFile {
    private static final String ASIDE = ".tmp";

    private AtomicFile() {}

    /// Writes `bytes` to `target` with mode 0600.
    public static void write(Path target, byte[] bytes) throws IOException {
        write(target, bytes, PosixFilePermissions.fromString("rw-------"));
    }

    /// Writes `bytes` to `target`; on failure nothing is left aside and the old content stays.
    public static void write(Path target, byte[] bytes, Set<PosixFilePermission> mode) throws IOException {
        Path directory = Objects.requireNonNull(target.toAbsolutePath().getParent());
        Path aside = Files.createTempFile(
                directory, "." + target.getFileName(), ASIDE, PosixFilePermissions.asFileAttribute(mode));
        try {
            try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(aside);
            throw e;
        }
        syncDirectory(directory);
    }

    /// Removes what was written aside in `directory` by a process that was killed then. Called while nobody writes
    /// there; nothing happens if there is no such directory.
    public static void sweep(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, ".*" + ASIDE)) {
            for (Path aside : left) {
                Files.deleteIfExists(aside);
            }
        }
    }

    /// Makes renames and removals in `directory` durable.
    public static void syncDirectory(Path directory) throws IOException {
        // On Linux the JDK opens directories for reading, and force() on such a channel is fsync(2).
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
