package dev.slipway.engine.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One thread reads, another one uses what it read.
@Timeout(30)
class ReadAheadTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void all_bytes_come_in_order() throws IOException {
        for (int length : new int[] {0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3_000_000}) {
            byte[] bytes = new byte[length];
            new Random(length).nextBytes(bytes);

            try (ReadAhead ahead = ReadAhead.of(new ByteArrayInputStream(bytes), threads)) {
                assertArrayEquals(bytes, ahead.readAllBytes());
                assertEquals(-1, ahead.read());
            }
        }
    }

    @Test
    void a_failure_comes_after_what_was_read_before_it() throws IOException {
        IOException failure = new IOException("connection reset");
        try (ReadAhead ahead = ReadAhead.of(endless(2 << 18, failure), threads)) {
            assertEquals(2 << 18, ahead.readNBytes(2 << 18).length);

            assertSame(failure, assertThrows(IOException.class, ahead::read));
        }
    }

    @Test
    void a_bug_below_is_not_swallowed() throws IOException {
        InputStream broken = new InputStream() {
            @Override
            public int read() {
                throw new IllegalStateException("a bug");
            }
        };
        try (ReadAhead ahead = ReadAhead.of(broken, threads)) {
            assertThrows(IllegalStateException.class, ahead::read);
        }
    }

    @Test
    void it_reads_a_few_chunks_ahead_and_no_more() throws IOException, InterruptedException {
        AtomicLong served = new AtomicLong();
        CountDownLatch full = new CountDownLatch(1);
        InputStream counting = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read one by one");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (served.addAndGet(length) == 4 << 18) {
                    full.countDown();
                }
                return length;
            }
        };
        try (ReadAhead ahead = ReadAhead.of(counting, threads)) {
            full.await();
            ahead.readNBytes(1000);
            assertEquals(4 << 18, served.get());
        }
    }

    @Test
    void closing_waits_until_the_other_thread_has_left_and_closes_the_source() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        AtomicBoolean readAfterClose = new AtomicBoolean();
        InputStream source = new InputStream() {
            @Override
            public int read() {
                readAfterClose.compareAndSet(false, closed.get());
                return 1;
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };

        ReadAhead.of(source, threads).close();

        assertTrue(closed.get());
        assertEquals(false, readAfterClose.get());
    }

    @Test
    void an_interrupt_ends_the_wait() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        InputStream stuck = new InputStream() {
            @Override
            public int read() throws IOException {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    throw new InterruptedIOException("interrupted");
                }
                return -1;
            }
        };
        try (ReadAhead ahead = ReadAhead.of(stuck, threads)) {
            Thread.currentThread().interrupt();

            assertThrows(InterruptedIOException.class, ahead::read);

            assertTrue(Thread.interrupted());
            never.countDown();
        }
    }

    private static InputStream endless(int length, IOException failure) {
        return new InputStream() {
            private int left = length;

            @Override
            public int read() throws IOException {
                if (left-- == 0) {
                    throw failure;
                }
                return 1;
            }

            @Override
            public int read(byte[] bytes, int offset, int wanted) throws IOException {
                if (left == 0) {
                    throw failure;
                }
                int count = Math.min(left, wanted);
                left -= count;
                return count;
            }
        };
    }
}
