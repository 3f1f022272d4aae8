package dev.slipway.engine.layer;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;

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
    static Place of(At at, Fd directory) throws LinuxException {
        try {
            return new Place(at, directory, at.stat(directory, SELF));
        } catch (LinuxException e) {
            directory.close();
            throw e;
        }
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
