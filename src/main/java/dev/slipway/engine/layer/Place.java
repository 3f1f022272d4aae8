package dev.slipway.engine.layer;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// An open directory of a tree in which entries are made. Closing gives it back the time that it had, which each new
/// entry changes.
final class Place implements AutoCloseable {
    private static final byte[] SELF = {'.'};
    private static final int SET_GID = 02000;

    private final At at;
    private final Fd directory;
    private final FileStat before;
    private int holders = 1;

    private Place(At at, Fd directory, FileStat before) {
        this.at = at;
        this.directory = directory;
        this.before = before;
    }

    /// Takes over `directory`.
    ///
    /// @param depth of the tree that it is in
    static Place of(At at, Fd directory, int depth) throws IOException {
        try {
            if (depth(at, directory) - depth > LayerLimits.DEEPEST) {
                throw tooDeep();
            }
            return new Place(at, directory, at.stat(directory, SELF));
        } catch (IOException e) {
            directory.close();
            throw e;
        }
    }

    /// How many directories an open one is below the root of the host. Its name in an archive does not tell,
    /// because that may lead through links, each of which goes on as far as a name can.
    static int depth(At at, Fd directory) throws IOException {
        try {
            int depth = 0;
            byte[] self = ("/proc/self/fd/" + directory.number()).getBytes(StandardCharsets.US_ASCII);
            for (byte one : at.readLink(directory, self)) {
                depth += one == '/' ? 1 : 0;
            }
            return depth;
        } catch (LinuxException e) {
            throw e.errno() == Errno.ENAMETOOLONG ? tooDeep() : e;
        }
    }

    private static MalformedLayerException tooDeep() {
        return new MalformedLayerException(
                "it is in more than %d directories inside one another".formatted(LayerLimits.DEEPEST));
    }

    Fd directory() {
        return directory;
    }

    long inode() {
        return before.inode();
    }

    /// Whether what is made here is of the directory's group at first.
    boolean givesItsGroup() {
        return (before.mode() & SET_GID) != 0;
    }

    /// One more name of the same directory needs it open; each closes it once.
    Place hold() {
        holders++;
        return this;
    }

    @Override
    public void close() throws LinuxException {
        if (--holders == 0) {
            try (directory) {
                at.setTime(directory, SELF, before.seconds(), before.nanos());
            }
        }
    }
}
