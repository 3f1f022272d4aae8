package dev.slipway.desired.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Keeps room for what has to be written when the disk is full: who has filled it can only be stopped or deleted by a
/// write. Used by one thread.
///
/// Commits go to the write-ahead log, which is written from its beginning again after each checkpoint; a checkpoint
/// writes to the file. Both have blocks of their own for some megabytes more than they need.
///
/// Intended: both stay open until the database is closed. Who closes a file loses all locks that the process has on it,
/// and with them those of SQLite.
///
/// @spec https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
///     SQLite: How To Corrupt An SQLite Database File, 2.2
final class Headroom implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Headroom.class);

    /// As much as the log keeps of itself.
    private static final long BYTES = 4L << 20;

    private static final int COMMITS_BETWEEN = 100;

    private final Path file;
    private final Path log;
    private final Reservation reservation;
    private Reservation.@Nullable Room ofFile;
    private Reservation.@Nullable Room ofLog;
    private int commits;

    /// @param file of the database
    Headroom(Path file, Reservation reservation) {
        this.file = file;
        this.log = file.resolveSibling(file.getFileName() + "-wal");
        this.reservation = reservation;
    }

    /// Something was committed, so that both files are there.
    void committed() {
        if (commits++ % COMMITS_BETWEEN == 0) {
            try {
                reserve();
            } catch (IOException e) {
                // Then writes are refused when the disk is full, and it is for people to make room.
                LOG.debugf("no room reserved for the object store reason=\"%s\"", e.getMessage());
            }
        }
    }

    private void reserve() throws IOException {
        Reservation.Room room = ofFile;
        if (room == null) {
            room = reservation.open(file);
            ofFile = room;
        }
        room.reserve(Files.size(file) + BYTES);
        room = ofLog;
        if (room == null) {
            room = reservation.open(log);
            ofLog = room;
        }
        room.reserve(BYTES);
    }

    @Override
    public void close() {
        if (ofFile != null) {
            ofFile.close();
        }
        if (ofLog != null) {
            ofLog.close();
        }
    }
}
