package dev.slipway.engine.linux;

import java.util.concurrent.atomic.AtomicInteger;

/// An open file descriptor with one owner. Closing twice is harmless; using it after close is a bug and throws
/// [IllegalStateException]. Safe to close from any thread.
public final class Fd implements AutoCloseable {
    private final AtomicInteger number;

    /// Takes ownership of an open descriptor.
    public Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("descriptor is negative: " + number);
        }
        this.number = new AtomicInteger(number);
    }

    /// The descriptor's number, valid until [#close].
    public int number() {
        int value = number.get();
        if (value < 0) {
            throw new IllegalStateException("descriptor is closed");
        }
        return value;
    }

    /// Gives up ownership: the caller closes the returned number.
    public int release() {
        int value = number.getAndSet(-1);
        if (value < 0) {
            throw new IllegalStateException("descriptor is closed");
        }
        return value;
    }

    @Override
    public void close() {
        int value = number.getAndSet(-1);
        if (value >= 0) {
            // EINTR and EIO leave the descriptor closed on Linux (close(2)), so there is nothing to retry.
            int ignored = LibC.Holder.INSTANCE.close(value);
        }
    }

    @Override
    public String toString() {
        return "fd " + number.get();
    }
}
