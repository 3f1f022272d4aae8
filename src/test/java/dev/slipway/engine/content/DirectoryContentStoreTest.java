package dev.slipway.engine.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryContentStoreTest extends ContentStoreContractTest {
    private static final byte[] BYTES = "bytes".getBytes(UTF_8);
    private static final Digest DIGEST = Digest.sha256(BYTES);

    @TempDir
    private Path root;

    @Override
    DirectoryContentStore store() throws IOException {
        return started(Duration.ZERO);
    }

    @Test
    void the_directory_is_an_oci_image_layout() throws IOException {
        DirectoryContentStore store = store();

        store.put(Descriptor.of(MediaType.OCI_CONFIG, BYTES), BYTES);

        assertEquals("{\"imageLayoutVersion\":\"1.0.0\"}", Files.readString(root.resolve("oci-layout")));
        assertEquals("bytes", Files.readString(root.resolve("blobs/sha256/" + DIGEST.hex())));
    }

    @Test
    void only_the_owner_may_read() throws IOException {
        store().put(Descriptor.of(MediaType.OCI_CONFIG, BYTES), BYTES);

        Path blob = root.resolve("blobs/sha256/" + DIGEST.hex());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(blob)));
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("blobs/sha256"))));
    }

    @Test
    void a_partial_blob_survives_a_restart() throws IOException {
        leavePartial(store());

        try (Ingest ingest = store().begin(DIGEST, BYTES.length)) {
            assertEquals(2, ingest.offsetBytes());
        }
    }

    @Test
    void a_partial_blob_that_nobody_asked_for_in_a_day_is_swept() throws IOException {
        leavePartial(store());

        started(Duration.ofHours(25));

        assertEquals(List.of(), ingests());
    }

    @Test
    void a_running_store_sweeps_old_partial_blobs_and_none_that_somebody_works_on() throws IOException {
        leavePartial(store());
        DirectoryContentStore later =
                new DirectoryContentStore(root, () -> Instant.now().plus(Duration.ofHours(25)));

        try (Ingest ingest = later.begin(DIGEST, BYTES.length)) {
            later.sweepPartials();
            assertEquals(1, ingests().size());
            assertEquals(2, ingest.offsetBytes());
        }
        store().sweepPartials();
        assertEquals(1, ingests().size(), "it is young");
        later.sweepPartials();
        assertEquals(List.of(), ingests());
    }

    @Test
    void what_was_being_made_when_the_engine_died_is_swept() throws IOException {
        store();
        Files.writeString(root.resolve("ingest/made-123"), "half");

        store();

        assertEquals(List.of(), ingests());
    }

    @Test
    void a_partial_blob_longer_than_the_blob_is_begun_again() throws IOException {
        DirectoryContentStore store = store();
        Files.writeString(root.resolve("ingest/sha256-" + DIGEST.hex()), "far too many bytes");

        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            assertEquals(0, ingest.offsetBytes());
        }
    }

    @Test
    void nothing_is_left_in_ingest_after_commit() throws IOException {
        store().put(Descriptor.of(MediaType.OCI_CONFIG, BYTES), BYTES);

        assertEquals(List.of(), ingests());
    }

    @Test
    void a_small_blob_that_has_rotted_is_replaced_by_one_that_is_right() throws IOException {
        Descriptor descriptor = Descriptor.of(MediaType.OCI_CONFIG, BYTES);
        DirectoryContentStore store = store();
        store.put(descriptor, BYTES);
        Path blob = root.resolve("blobs/sha256/" + DIGEST.hex());
        for (String rot : List.of("rotten", "BYTES")) {
            Files.writeString(blob, rot);
            assertThrows(CorruptContentException.class, () -> store.put(descriptor, new byte[BYTES.length]));
            assertEquals(rot, Files.readString(blob));

            store.put(descriptor, BYTES);

            assertEquals("bytes", Files.readString(blob));
        }
    }

    private DirectoryContentStore started(Duration later) throws IOException {
        DirectoryContentStore store =
                new DirectoryContentStore(root, () -> Instant.now().plus(later));
        store.start();
        return store;
    }

    private static void leavePartial(DirectoryContentStore store) throws IOException {
        try (Ingest ingest = store.begin(DIGEST, BYTES.length)) {
            ingest.write(BYTES, 0, 2);
        }
    }

    private List<Path> ingests() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("ingest"))) {
            return files.toList();
        }
    }
}
