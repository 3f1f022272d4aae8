package dev.slipway.desired.store;

import java.io.IOException;
import java.nio.file.Path;

/// Reserves blocks for files that will grow, without changing their sizes: fallocate(2), which Java has not.
@FunctionalInterface
public interface Reservation {
    /// Trusts that there is always room.
    Reservation NONE = file -> new Room() {
        @Override
        public void reserve(long bytes) {}

        @Override
        public void close() {}
    };

    /// @param file that is there; it is open until the room is closed
    Room open(Path file) throws IOException;

    /// The blocks of one file. They stay when it is closed.
    interface Room extends AutoCloseable {
        /// @param bytes how long the file can then become, whatever else happens to the disk
        /// @throws IOException when there is no room, or the file system cannot do it
        void reserve(long bytes) throws IOException;

        @Override
        void close();
    }
}
