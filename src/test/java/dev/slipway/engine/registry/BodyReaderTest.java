package dev.slipway.engine.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Flow.Subscription;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BodyReaderTest {
    private static final int DELIVERY_BYTES = 100_000;

    private final BodyReader body = new BodyReader(Duration.ofSeconds(20));
    private final Asked asked = new Asked();
    private final byte[] bytes = new byte[3 * DELIVERY_BYTES];
    private int deliveries;

    private static final class Asked implements Subscription {
        private int deliveries;
        private boolean cancelled;

        @Override
        public void request(long count) {
            deliveries += (int) count;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    @BeforeEach
    void subscribe() {
        new Random(3).nextBytes(bytes);
        body.onSubscribe(asked);
    }

    /// So that a body takes no more memory the faster it comes.
    @Test
    void no_more_is_asked_for_than_has_room_until_somebody_reads() throws IOException {
        deliver(0);
        assertEquals(2, asked.deliveries);

        deliver(1);
        assertEquals(2, asked.deliveries, "part of the second delivery has no room");

        byte[] first = body.readNBytes(DELIVERY_BYTES);
        assertEquals(3, asked.deliveries);

        deliver(2);
        body.onComplete();
        byte[] rest = body.readAllBytes();
        assertArrayEquals(
                bytes, ByteBuffer.allocate(bytes.length).put(first).put(rest).array());
    }

    @Test
    void bytes_come_in_their_order_however_they_are_delivered_and_read() throws IOException {
        Random random = new Random(7);
        byte[] read = new byte[bytes.length];
        int delivered = 0;

        for (int done = 0; done < bytes.length; ) {
            if (asked.deliveries > deliveries) {
                int count = Math.min(bytes.length - delivered, 1 + random.nextInt(DELIVERY_BYTES));
                deliver(delivered, count);
                delivered += count;
            }
            done += body.read(read, done, Math.min(bytes.length - done, 1 + random.nextInt(DELIVERY_BYTES)));
        }

        assertArrayEquals(bytes, read);
    }

    @Test
    void what_came_before_a_failure_is_given_first() throws IOException {
        deliver(0);
        body.onError(new IOException("the line went dead"));

        assertEquals(DELIVERY_BYTES, body.readNBytes(DELIVERY_BYTES).length);
        IOException failure = assertThrows(IOException.class, body::read);
        assertEquals("the line went dead", failure.getMessage());
    }

    @Test
    void a_body_that_is_closed_is_not_asked_for_any_more() throws IOException {
        deliver(0);
        body.close();
        int before = asked.deliveries;

        body.readNBytes(10);

        assertTrue(asked.cancelled);
        assertEquals(before, asked.deliveries);
    }

    private void deliver(int number) {
        deliver(number * DELIVERY_BYTES, DELIVERY_BYTES);
    }

    private void deliver(int offset, int count) {
        deliveries++;
        int half = count / 2;
        body.onNext(List.of(
                ByteBuffer.wrap(bytes, offset, half).asReadOnlyBuffer(),
                ByteBuffer.wrap(bytes, offset + half, count - half).asReadOnlyBuffer()));
    }
}
