package dev.slipway.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps a directory for one process: a record lock on the file `lock` in it, which also names the holder's pid. The
/// kernel frees the lock when its process ends, however that happens, so a stale file never stands in the way; the
/// file itself stays, because removing it would let two processes lock two files of the same name.
///
/// @spec https://man7.org/linux/man-pages/man2/F_SETLK.2const.html F_SETLK(2)
public final class DirectoryLock implements AutoCloseable {
    private static final String NAME = "lock";
    private static final int LONGEST_PID = 16;

    /// What this process holds. Record locks belong to a process and are lost as soon as it closes any descriptor
    /// of the file, so the file must not even be opened a second time.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /// Takes the directory, which is made (mode 0711) if missing.
    ///
    /// @throws DirectoryInUseException when another process, or another part of this one, has it
    public static DirectoryLock take(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        }
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            throw new DirectoryInUseException(directory, ownPid());
        }
        try {
            return new DirectoryLock(real, locked(real));
        } catch (IOException e) {
            HELD.remove(real);
            throw e;
        }
    }

    /// Gives the directory up.
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            channel.close();
            HELD.remove(directory);
        }
    }

    /// Whoever may read the file could hold a lock of his own on it, and keep the engine out.
    private static FileChannel locked(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(NAME),
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            if (channel.tryLock() == null) {
                throw new DirectoryInUseException(directory, holder(channel));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ownPid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(LONGEST_PID);
        channel.read(pid, 0);
        return new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip();
    }

    private static String ownPid() {
        return Long.toString(ProcessHandle.current().pid());
    }
}
