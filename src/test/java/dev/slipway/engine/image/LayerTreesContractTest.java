package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/// What every [LayerTrees] promises.
abstract class LayerTreesContractTest {
    private static final byte[] ARCHIVE = new TestTar()
            .directory("etc/")
            .file("etc/name", "value".repeat(5000))
            .ended();
    private static final DiffId LAYER = diffId(ARCHIVE);

    /// The same trees each time in a test, empty at first.
    abstract LayerTrees trees() throws IOException;

    @Test
    void a_layer_is_present_after_its_commit_and_not_before() throws IOException {
        try (LayerTrees.Unpacked tree = unpack(LAYER, MediaType.OCI_LAYER, ARCHIVE)) {
            assertFalse(trees().isPresent(LAYER));
            assertEquals(Set.of(), trees().list());

            tree.commit();
        }

        assertTrue(trees().isPresent(LAYER));
        assertEquals(Set.of(LAYER), trees().list());
    }

    @Test
    void a_tree_that_is_closed_is_gone() throws IOException {
        unpack(LAYER, MediaType.OCI_LAYER, ARCHIVE).close();

        assertFalse(trees().isPresent(LAYER));
        assertEquals(Set.of(), trees().list());
    }

    @Test
    void a_layer_is_the_same_however_it_is_packed() throws IOException {
        unpack(LAYER, MediaType.OCI_LAYER_GZIP, gzip(ARCHIVE)).close();
        unpack(LAYER, MediaType.DOCKER_LAYER_GZIP, gzip(ARCHIVE)).close();
        unpack(LAYER, MediaType.OCI_LAYER_ZSTD, Zstd.compress(ARCHIVE)).close();
        DiffId sha512 = new DiffId(new Digest("sha512:" + "0".repeat(128)).of(ARCHIVE));

        try (LayerTrees.Unpacked tree = unpack(sha512, MediaType.OCI_LAYER, ARCHIVE)) {
            tree.commit();
        }

        assertEquals(Set.of(sha512), trees().list());
    }

    @Test
    void another_archive_than_the_diff_id_says_is_corrupt() throws IOException {
        byte[] other = new TestTar().file("other", "").ended();

        CorruptContentException corrupt =
                assertThrows(CorruptContentException.class, () -> unpack(LAYER, MediaType.OCI_LAYER_GZIP, gzip(other)));

        assertTrue(String.valueOf(corrupt.getMessage()).contains(LAYER.toString()), corrupt.getMessage());
        assertEquals(Set.of(), trees().list());
    }

    @Test
    void what_is_damaged_or_cut_is_corrupt() {
        byte[] gzip = gzip(ARCHIVE);
        byte[] zstd = Zstd.compress(ARCHIVE);

        assertCorrupt(MediaType.OCI_LAYER_GZIP, Arrays.copyOf(gzip, gzip.length - 9));
        assertCorrupt(MediaType.OCI_LAYER_GZIP, Arrays.copyOf(gzip, gzip.length - 3));
        assertCorrupt(MediaType.OCI_LAYER_GZIP, ARCHIVE);
        assertCorrupt(MediaType.OCI_LAYER_ZSTD, Arrays.copyOf(zstd, zstd.length - 3));
        assertCorrupt(MediaType.OCI_LAYER_ZSTD, ARCHIVE);
        assertCorrupt(MediaType.OCI_LAYER, Arrays.copyOf(ARCHIVE, 700));
        assertCorrupt(MediaType.OCI_LAYER, gzip);
    }

    @Test
    void the_packed_bytes_are_read_to_their_end() throws IOException {
        for (MediaType type : new MediaType[] {MediaType.OCI_LAYER, MediaType.OCI_LAYER_GZIP}) {
            InputStream packed = new ByteArrayInputStream(type.isGzip() ? gzip(ARCHIVE) : ARCHIVE);

            trees().unpack(LAYER, type, packed).close();

            assertEquals(-1, packed.read());
        }
    }

    @Test
    void a_source_that_fails_is_not_called_corrupt() {
        IOException reset = new IOException("connection reset");
        InputStream failing =
                new SequenceInputStream(new ByteArrayInputStream(Arrays.copyOf(gzip(ARCHIVE), 30)), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw reset;
                    }
                });

        IOException failure =
                assertThrows(IOException.class, () -> trees().unpack(LAYER, MediaType.OCI_LAYER_GZIP, failing));

        assertSame(reset, failure);
    }

    @Test
    void a_layer_that_two_unpacked_is_present_once() throws IOException {
        try (LayerTrees.Unpacked first = unpack(LAYER, MediaType.OCI_LAYER, ARCHIVE);
                LayerTrees.Unpacked second = unpack(LAYER, MediaType.OCI_LAYER_GZIP, gzip(ARCHIVE))) {
            first.commit();
            second.commit();
        }

        assertEquals(Set.of(LAYER), trees().list());
    }

    @Test
    void a_removed_layer_can_come_again() throws IOException {
        for (int i = 0; i < 2; i++) {
            try (LayerTrees.Unpacked tree = unpack(LAYER, MediaType.OCI_LAYER, ARCHIVE)) {
                tree.commit();
            }
            assertTrue(trees().isPresent(LAYER));

            trees().remove(LAYER);
            trees().remove(LAYER);

            assertFalse(trees().isPresent(LAYER));
            assertEquals(Set.of(), trees().list());
        }
    }

    private void assertCorrupt(MediaType type, byte[] packed) {
        assertThrows(CorruptContentException.class, () -> unpack(LAYER, type, packed));
    }

    private LayerTrees.Unpacked unpack(DiffId layer, MediaType type, byte[] packed) throws IOException {
        return trees().unpack(layer, type, new ByteArrayInputStream(packed));
    }

    static DiffId diffId(byte[] archive) {
        return new DiffId(Digest.sha256(archive));
    }

    static byte[] gzip(byte[] archive) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(archive);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }
}
