package dev.slipway.engine.copy;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// A directory that is being read, a few names at a time.
///
/// @param path in the archive, ended by a slash unless empty
record Level(Fd directory, byte[] path, Deque<TreeRemoval.Entry> read) implements AutoCloseable {
    Level(Fd directory, byte[] path) {
        this(directory, path, new ArrayDeque<>());
    }

    /// The next name; empty at the end. A directory that was removed meanwhile has nothing more in it.
    Optional<byte[]> next(At at) throws LinuxException {
        while (read.isEmpty()) {
            ByteBuffer some = some(at);
            if (!some.hasRemaining()) {
                return Optional.empty();
            }
            TreeRemoval.addEntries(read, some);
        }
        return Optional.of(read.remove().name());
    }

    private ByteBuffer some(At at) throws LinuxException {
        try {
            return at.entries(directory);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return ByteBuffer.allocate(0);
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
