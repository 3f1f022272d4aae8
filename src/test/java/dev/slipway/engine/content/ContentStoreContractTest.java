package dev.slipway.engine.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What every [ContentStore] promises.
abstract class ContentStoreContractTest {
    private static final byte[] BYTES = "a layer, or a config".getBytes(UTF_8);
    private static final Digest DIGEST = Digest.sha256(BYTES);

    /// An empty store; called once a test.
    abstract ContentStore store() throws IOException;

    @Test
    void a_blob_is_readable_after_commit_and_not_before() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, BYTES.length);
            assertFalse(store.contains(DIGEST));
            assertThrows(NoSuchFileException.class, () -> store.open(DIGEST));

            assertEquals(DIGEST, ingest.commit());
        }

        assertArrayEquals(BYTES, store.read(DIGEST, 100));
        assertEquals(OptionalLong.of(BYTES.length), store.sizeBytes(DIGEST));
        assertEquals(Set.of(DIGEST), store.list());
    }

    @Test
    void a_blob_can_be_read_from_the_middle() throws IOException {
        ContentStore store = store();
        store.put(Descriptor.of(MediaType.OCI_CONFIG, BYTES), BYTES);

        try (InputStream stream = store.open(DIGEST, 9)) {
            assertEquals("or a config", new String(stream.readAllBytes(), UTF_8));
        }
    }

    @Test
    void other_bytes_of_the_right_size_are_refused_and_leave_nothing() throws IOException {
        ContentStore store = store();
        byte[] other = BYTES.clone();
        other[3] ^= 1;

        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(other, 0, other.length);
            assertThrows(CorruptContentException.class, ingest::commit);
        }

        assertFalse(store.contains(DIGEST));
        assertEquals(0, beginsAt(store));
    }

    @Test
    void a_blob_that_was_begun_without_a_digest_is_checked_against_one_at_its_end() throws IOException {
        ContentStore store = store();
        Digest other = new Digest("sha512:" + "0".repeat(128)).of(BYTES);
        for (Digest expected : List.of(DIGEST, other)) {
            try (Ingest ingest = store.begin()) {
                ingest.write(BYTES, 0, BYTES.length);
                assertEquals(expected, ingest.commit(expected));
            }
        }
        try (Ingest ingest = store.begin()) {
            ingest.write(BYTES, 1, BYTES.length - 1);
            assertThrows(CorruptContentException.class, () -> ingest.commit(DIGEST));
        }

        assertEquals(Set.of(DIGEST, other), store.list());
        assertArrayEquals(BYTES, store.read(other, 100));
    }

    @Test
    void a_blob_that_is_too_short_is_refused() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, BYTES.length - 1);
            assertThrows(CorruptContentException.class, ingest::commit);
        }
        assertFalse(store.contains(DIGEST));
    }

    @Test
    void a_blob_that_is_too_long_is_refused_at_the_first_byte_too_many() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, BYTES.length);
            assertThrows(CorruptContentException.class, () -> ingest.write(BYTES, 0, 1));
            ingest.discard();
        }
        assertFalse(store.contains(DIGEST));
    }

    @Test
    void what_a_blob_has_left_goes_when_it_is_deleted() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, 7);
        }

        assertFalse(store.delete(DIGEST));

        assertEquals(0, beginsAt(store));
    }

    @Test
    void an_ingest_that_was_closed_early_is_resumed_where_it_stopped() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, 7);
        }

        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            assertEquals(7, ingest.offsetBytes());
            ingest.write(BYTES, 7, BYTES.length - 7);
            ingest.commit();
        }

        assertArrayEquals(BYTES, store.read(DIGEST, 100));
    }

    @Test
    void a_restarted_ingest_forgets_what_came() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write("rubbish".getBytes(UTF_8), 0, 7);
            ingest.restart();
            ingest.write(BYTES, 0, BYTES.length);
            assertEquals(DIGEST, ingest.commit());
        }
    }

    @Test
    void a_discarded_ingest_starts_at_zero() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, 7);
            ingest.discard();
        }
        assertEquals(0, beginsAt(store));
    }

    @Test
    void two_ingests_of_one_blob_do_not_disturb_each_other() throws IOException {
        ContentStore store = store();
        try (Ingest first = store.begin(DIGEST, BYTES.length);
                Ingest second = store.begin(DIGEST, BYTES.length)) {
            first.write(BYTES, 0, 5);
            second.write(BYTES, 0, BYTES.length);
            second.commit();
            first.write(BYTES, 5, BYTES.length - 5);
            first.commit();
        }
        assertArrayEquals(BYTES, store.read(DIGEST, 100));
    }

    @Test
    void a_blob_that_is_made_here_gets_its_digest_at_commit() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin()) {
            ingest.write(BYTES, 0, BYTES.length);
            assertEquals(DIGEST, ingest.commit());
        }
        assertTrue(store.contains(DIGEST));
    }

    @Test
    void a_follower_reads_bytes_while_they_come_and_ends_at_the_announced_size() throws Exception {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            InputStream follower = ingest.follow();
            CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> readAll(follower));

            ingest.write(BYTES, 0, 4);
            ingest.write(BYTES, 4, BYTES.length - 4);

            assertArrayEquals(BYTES, read.get(10, TimeUnit.SECONDS));
            ingest.commit();
        }
    }

    @Test
    void a_follower_sees_what_an_earlier_ingest_left() throws IOException {
        ContentStore store = store();
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, 7);
        }
        try (Ingest ingest = store.begin(DIGEST, BYTES.length);
                InputStream follower = ingest.follow()) {
            assertArrayEquals("a layer".getBytes(UTF_8), follower.readNBytes(7));
        }
    }

    @Test
    void a_follower_fails_when_the_ingest_is_given_up() throws IOException {
        ContentStore store = store();
        Ingest ingest = store.begin(DIGEST, BYTES.length);
        InputStream follower = ingest.follow();
        ingest.write(BYTES, 0, 4);

        ingest.close();

        assertThrows(IOException.class, follower::readAllBytes);
        follower.close();
    }

    @Test
    void a_deleted_blob_is_gone_for_new_readers_only() throws IOException {
        ContentStore store = store();
        store.put(Descriptor.of(MediaType.OCI_CONFIG, BYTES), BYTES);
        try (InputStream open = store.open(DIGEST)) {
            assertTrue(store.delete(DIGEST));
            assertArrayEquals(BYTES, open.readAllBytes());
        }
        assertFalse(store.delete(DIGEST));
        assertFalse(store.contains(DIGEST));
    }

    @Test
    void a_blob_larger_than_asked_for_is_not_read_whole() throws IOException {
        ContentStore store = store();
        store.put(Descriptor.of(MediaType.OCI_CONFIG, BYTES), BYTES);

        assertArrayEquals(BYTES, store.read(DIGEST, BYTES.length));
        assertThrows(IOException.class, () -> store.read(DIGEST, BYTES.length - 1));
    }

    private static long beginsAt(ContentStore store) throws IOException {
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            return ingest.offsetBytes();
        }
    }

    private static byte[] readAll(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
