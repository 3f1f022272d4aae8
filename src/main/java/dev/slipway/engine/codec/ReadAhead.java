package dev.slipway.engine.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Reads a stream on another thread, a megabyte ahead, so that decompressing and writing go on at the same time.
///
/// ```
/// another thread   source -> chunk -> chunk -> ...
/// this one                    chunk -> chunk -> ...
/// ```
///
/// To be read by one thread. Owns `source`: closing waits until the other thread has left it, and closes it.
public final class ReadAhead extends InputStream {
    private static final int CHUNK_BYTES = 1 << 18;
    private static final int CHUNKS = 4;
    private static final Chunk STOP = new Chunk(new byte[0]);

    private final InputStream source;
    private final BlockingQueue<Chunk> free = new ArrayBlockingQueue<>(CHUNKS + 1);
    private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS + 1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final byte[] one = new byte[1];
    private @Nullable Chunk present;
    private int position;

    private ReadAhead(InputStream source) {
        this.source = source;
    }

    /// @param threads must have a thread for it at once, or reading waits for one
    public static ReadAhead of(InputStream source, Executor threads) {
        ReadAhead ahead = new ReadAhead(source);
        for (int i = 0; i < CHUNKS; i++) {
            ahead.free.add(new Chunk(new byte[CHUNK_BYTES]));
        }
        threads.execute(ahead::readAll);
        return ahead;
    }

    /// Bytes on their way from one thread to the other; who takes it from a queue has it alone.
    private static final class Chunk {
        private final byte[] bytes;
        private int length;
        private boolean isLast;
        private @Nullable Throwable failure;

        Chunk(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        Chunk chunk = present;
        while (chunk == null || position == chunk.length) {
            if (chunk != null && chunk.isLast) {
                return -1;
            }
            chunk = advance(chunk);
        }
        int count = Math.min(length, chunk.length - position);
        System.arraycopy(chunk.bytes, position, bytes, offset, count);
        position += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        free.clear();
        free.add(STOP);
        boolean interrupted = false;
        while (ended.getCount() > 0) {
            try {
                ended.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        source.close();
    }

    private Chunk advance(@Nullable Chunk done) throws IOException {
        try {
            if (done != null) {
                free.add(done);
            }
            position = 0;
            Chunk next = full.take();
            present = next;
            throwFailure(next);
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading a layer");
        }
    }

    private static void throwFailure(Chunk chunk) throws IOException {
        switch (chunk.failure) {
            case null -> {}
            case IOException failed -> throw failed;
            case RuntimeException bug -> throw bug;
            case Error error -> throw error;
            case Throwable other -> throw new IllegalStateException(other);
        }
    }

    private void readAll() {
        try {
            for (Chunk chunk = free.take(); chunk != STOP; chunk = free.take()) {
                boolean isLast = !fill(chunk);
                full.add(chunk);
                if (isLast) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Chunk last = new Chunk(new byte[0]);
            last.failure = new InterruptedIOException("interrupted while reading a layer ahead");
            full.add(last);
        } finally {
            ended.countDown();
        }
    }

    /// @return false if there is no more
    private boolean fill(Chunk chunk) {
        try {
            chunk.length = source.readNBytes(chunk.bytes, 0, chunk.bytes.length);
            chunk.isLast = chunk.length < chunk.bytes.length;
        } catch (IOException | RuntimeException | Error e) {
            chunk.failure = e;
        }
        return chunk.failure == null && !chunk.isLast;
    }
}
