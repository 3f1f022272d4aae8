package dev.slipway.engine.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.RegistryException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BlobStreamTest {
    private static final Patience QUICK = new Patience(
            Duration.ofSeconds(20), Duration.ofSeconds(20), 3, Duration.ofMillis(5), Duration.ofSeconds(2));
    /// Long enough that an honest answer comes in time also on a busy machine.
    private static final Patience IMPATIENT =
            new Patience(Duration.ofSeconds(20), Duration.ofSeconds(1), 2, Duration.ofMillis(5), Duration.ofSeconds(2));
    private static final byte[] LAYER = new byte[300_000];

    static {
        new Random(1).nextBytes(LAYER);
    }

    private HostileRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new HostileRegistry();
        client = new RegistryClient(RegistrySettings.STANDARD, QUICK);
    }

    private void beImpatient() {
        client.close();
        client = new RegistryClient(RegistrySettings.STANDARD, IMPATIENT);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    @Test
    void a_blob_that_breaks_off_is_resumed_by_a_closed_range() throws Exception {
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        Semaphore taken = new Semaphore(0);
        registry.play("/blobs/", 1, exchange -> {
            try {
                return HostileRegistry.cut(exchange, 200, LAYER.length, Arrays.copyOf(LAYER, 100_000));
            } finally {
                // What has come but is not taken when the connection breaks may be lost.
                await(taken, 1);
            }
        });

        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        try (InputStream stream = client.blob(repository(), blob, 0, Keyring.EMPTY)) {
            whole.write(stream.read());
            taken.release();
            stream.transferTo(whole);
        }

        assertArrayEquals(LAYER, whole.toByteArray());
        String range = registry.seen("/blobs/").getLast().header("Range");
        assertTrue(range.matches("bytes=[1-9][0-9]*-299999"), range);
    }

    @Test
    void a_blob_can_be_read_from_where_an_earlier_try_stopped() throws Exception {
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);

        assertArrayEquals(Arrays.copyOfRange(LAYER, 250_000, LAYER.length), read(blob, 250_000));
    }

    @Test
    void a_registry_that_ignores_ranges_is_read_again_from_the_start() throws Exception {
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        registry.play("/blobs/", 1, exchange -> HostileRegistry.send(exchange, LAYER));

        assertArrayEquals(Arrays.copyOfRange(LAYER, 250_000, LAYER.length), read(blob, 250_000));
    }

    @Test
    void a_range_that_begins_elsewhere_is_refused() throws Exception {
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        registry.play("/blobs/", 1, exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-299999/300000");
            exchange.sendResponseHeaders(206, LAYER.length);
            exchange.getResponseBody().write(LAYER);
            exchange.close();
            return true;
        });

        assertEquals(Kind.PROTOCOL, kind(() -> read(blob, 250_000)));
    }

    @Test
    void a_blob_of_another_length_is_refused_before_it_is_read() throws Exception {
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        registry.play("/blobs/", 1, exchange -> HostileRegistry.send(exchange, new byte[LAYER.length + 1]));

        assertEquals(Kind.PROTOCOL, kind(() -> read(blob, 0)));
    }

    @Test
    void a_blob_that_stalls_is_given_up() throws Exception {
        beImpatient();
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        CountDownLatch released = new CountDownLatch(1);
        registry.play("/blobs/", 99, exchange -> {
            exchange.sendResponseHeaders(200, LAYER.length);
            exchange.getResponseBody().flush();
            await(released);
            return HostileRegistry.status(exchange, 500);
        });

        RegistryException refusal = assertThrows(RegistryException.class, () -> read(blob, 0));

        released.countDown();
        assertEquals(Kind.UNREACHABLE, refusal.kind());
        assertTrue(refusal.getMessage().contains("stopped at 0 of 300000 bytes"), refusal.getMessage());
    }

    @Test
    void a_blob_that_only_drips_is_given_up() throws Exception {
        beImpatient();
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        CountDownLatch released = new CountDownLatch(1);
        registry.play("/blobs/", 99, exchange -> {
            exchange.sendResponseHeaders(200, LAYER.length);
            for (int i = 0; i < 1000 && !await(released, 20); i++) {
                exchange.getResponseBody().write(LAYER, i, 1);
                exchange.getResponseBody().flush();
            }
            exchange.close();
            return true;
        });

        assertEquals(Kind.UNREACHABLE, kind(() -> read(blob, 0)));
        released.countDown();
    }

    /// Each connection brings something, and the whole would take for ever.
    @Test
    void a_registry_that_hangs_up_after_a_few_bytes_of_each_range_is_given_up() throws Exception {
        client.close();
        client = new RegistryClient(
                RegistrySettings.STANDARD,
                new Patience(QUICK.connect(), QUICK.noProgress(), 5, QUICK.firstPause(), QUICK.longestPause()));
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        Semaphore taken = new Semaphore(0);
        registry.play("/blobs/", 40, exchange -> {
            try {
                return HostileRegistry.cutRange(exchange, LAYER, 4);
            } finally {
                // An answer that has ended before it is heard is none.
                await(taken, 4);
            }
        });

        RegistryException refusal = assertThrows(RegistryException.class, () -> read(blob, taken));

        assertEquals(Kind.UNREACHABLE, refusal.kind());
        assertTrue(refusal.getMessage().contains("stopped at 20 of 300000 bytes: "), refusal.getMessage());
        assertEquals(5, registry.seen("/blobs/").size());
    }

    /// Byte by byte.
    private int read(Descriptor blob, Semaphore taken) throws IOException {
        try (InputStream stream = client.blob(repository(), blob, 0, Keyring.EMPTY)) {
            int count = 0;
            for (; stream.read() >= 0; count++) {
                taken.release();
            }
            return count;
        }
    }

    /// More than the client can take in with the head: an answer that has ended before it is heard is none.
    @Test
    void a_connection_that_breaks_after_much_is_no_failed_attempt() throws Exception {
        byte[] large = new byte[1_000_000];
        new Random(2).nextBytes(large);
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, large);
        registry.play("/blobs/", 6, exchange -> HostileRegistry.cutRange(exchange, large, 100_000));

        assertArrayEquals(large, read(blob, 0));

        assertEquals(7, registry.seen("/blobs/").size());
    }

    @Test
    void an_interrupt_ends_the_wait_for_a_blob() throws Exception {
        Descriptor blob = registry.blob(MediaType.OCI_LAYER_GZIP, LAYER);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        registry.play("/blobs/", 99, exchange -> {
            exchange.sendResponseHeaders(200, LAYER.length);
            exchange.getResponseBody().flush();
            asked.countDown();
            await(released);
            return true;
        });
        RegistryClient patient = new RegistryClient(RegistrySettings.STANDARD, Patience.STANDARD);
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Thread reader = Thread.startVirtualThread(() -> {
            try {
                patient.blob(repository(), blob, 0, Keyring.EMPTY).readAllBytes();
                ended.complete(new AssertionError("it was read"));
            } catch (IOException e) {
                ended.complete(e);
            }
        });

        asked.await();
        reader.interrupt();

        assertEquals(
                InterruptedIOException.class, ended.get(10, TimeUnit.SECONDS).getClass());
        released.countDown();
        patient.close();
    }

    private byte[] read(Descriptor blob, long offset) throws IOException {
        try (InputStream stream = client.blob(repository(), blob, offset, Keyring.EMPTY)) {
            return stream.readAllBytes();
        }
    }

    private Repository repository() {
        return new Repository(registry.host(), "team/web");
    }

    private static void await(Semaphore semaphore, int permits) throws IOException {
        try {
            if (!semaphore.tryAcquire(permits, 20, TimeUnit.SECONDS)) {
                throw new IOException("nobody has taken them");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        await(latch, 20_000);
    }

    private static boolean await(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private interface Attempt {
        Object run() throws Exception;
    }

    private static Kind kind(Attempt attempt) {
        return assertThrows(RegistryException.class, attempt::run).kind();
    }
}
