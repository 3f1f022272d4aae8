package dev.slipway.engine.copy;

import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import org.jspecify.annotations.Nullable;

/// Hands a stream to a thread that may neither start nor wake a virtual thread, which reading from a client does: a
/// platform thread reads it, and the two wake only each other.
final class Handover implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int CHUNK_BYTES = 1 << 16;

    private final PipedInputStream reading;
    private final Thread feeder;
    private volatile @Nullable IOException failure;

    private Handover(InputStream from) throws IOException {
        this.reading = new PipedInputStream(BUFFER_BYTES);
        PipedOutputStream writing = new PipedOutputStream(reading);
        this.feeder = Thread.ofPlatform().name("copy-feeder").unstarted(() -> feed(from, writing));
    }

    static Handover of(InputStream from) throws IOException {
        Handover handover = new Handover(from);
        handover.feeder.start();
        return handover;
    }

    /// What is handed over; to be read by one thread.
    InputStream stream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = reading.read(bytes, offset, length);
                IOException broken = failure;
                if (count < 0 && broken != null) {
                    throw new IOException(broken.getMessage(), broken);
                }
                return count;
            }
        };
    }

    /// The root of the feeder. A failure is known before the pipe ends, or its reader would take it for the end.
    private void feed(InputStream from, PipedOutputStream to) {
        try (to) {
            try {
                copy(from, to);
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException | Error e) {
                failure = new IOException("read from the client: " + e, e);
            }
        } catch (IOException e) {
            // The reader has gone, and needs no end.
            failure = e;
        }
    }

    private static void copy(InputStream from, PipedOutputStream to) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
            to.write(chunk, 0, count);
            to.flush();
        }
    }

    /// Ends the feeder, which may still wait for the client or for its reader.
    @Override
    public void close() throws IOException {
        reading.close();
        feeder.interrupt();
        boolean interrupted = false;
        while (feeder.isAlive()) {
            try {
                feeder.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
