package dev.slipway.app;

import dev.slipway.desired.store.Reservation;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileContent;
import java.io.IOException;
import java.nio.file.Path;

/// The kernel's way to reserve blocks, for the object store.
record StoreRoom(Fd file) implements Reservation.Room {
    static Reservation.Room open(Path file) throws IOException {
        return new StoreRoom(FileContent.openToReserve(file));
    }

    @Override
    public void reserve(long bytes) throws IOException {
        FileContent.reserve(file, bytes);
    }

    @Override
    public void close() {
        file.close();
    }
}
