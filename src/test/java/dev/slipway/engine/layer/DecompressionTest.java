package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.slipway.engine.codec.GzipStream;
import dev.slipway.engine.oci.MediaType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressed streams, whole and damaged.
class DecompressionTest {
    private static final byte[] TEXT = text(300_000);

    @Test
    void each_compression_gives_back_the_archive() throws IOException {
        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER, TEXT));
        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER_GZIP, gzip(TEXT)));
        assertArrayEquals(TEXT, opened(MediaType.DOCKER_LAYER_GZIP, gzip(TEXT)));
        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER_ZSTD, Zstd.compress(TEXT)));
        assertArrayEquals(new byte[0], opened(MediaType.OCI_LAYER_GZIP, gzip(new byte[0])));
        assertArrayEquals(new byte[0], opened(MediaType.OCI_LAYER, new byte[0]));
    }

    @Test
    void the_first_bytes_count_more_than_the_label() throws IOException {
        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER_ZSTD, gzip(TEXT)));
        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER_GZIP, Zstd.compress(TEXT)));
    }

    @Test
    void members_and_frames_follow_one_another() throws IOException {
        byte[] one = Arrays.copyOf(TEXT, 1000);
        byte[] two = Arrays.copyOfRange(TEXT, 1000, 1010);

        assertArrayEquals(Arrays.copyOf(TEXT, 1010), opened(MediaType.OCI_LAYER_GZIP, both(gzip(one), gzip(two))));
        assertArrayEquals(
                Arrays.copyOf(TEXT, 1010),
                opened(MediaType.OCI_LAYER_ZSTD, both(Zstd.compress(one), Zstd.compress(two))));
        assertArrayEquals(one, opened(MediaType.OCI_LAYER_GZIP, both(gzip(one), gzip(new byte[0]))));
    }

    @Test
    void a_member_may_have_every_optional_field() throws IOException {
        GzipParameters parameters = new GzipParameters();
        parameters.setFileName("layer.tar");
        parameters.setComment("made by hand");
        parameters.setHeaderCRC(true);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(packed, parameters)) {
            gzip.write(TEXT);
        }
        byte[] plain = gzip(TEXT);
        byte[] extra = both(Arrays.copyOf(plain, 10), new byte[] {3, 0, 'a', 'b', 'c'});
        extra[3] = 4;

        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER_GZIP, packed.toByteArray()));
        assertArrayEquals(
                TEXT, opened(MediaType.OCI_LAYER_GZIP, both(extra, Arrays.copyOfRange(plain, 10, plain.length))));
    }

    @Test
    void zeros_may_follow_the_last_member_and_nothing_else() throws IOException {
        byte[] packed = gzip(TEXT);

        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER_GZIP, both(packed, new byte[100_000])));
        assertRefused(MediaType.OCI_LAYER_GZIP, both(packed, "garbage".getBytes(UTF_8)), "where a member must begin");
        assertRefused(MediaType.OCI_LAYER_GZIP, both(packed, new byte[] {0, 0, 'x'}), "where a member must begin");
        assertRefused(MediaType.OCI_LAYER_ZSTD, both(Zstd.compress(TEXT), "garbage".getBytes(UTF_8)), "zstd");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 9, 10, 11, 500, -9, -8, -5, -1})
    void a_stream_that_is_cut_is_refused(int length) {
        byte[] gzip = gzip(TEXT);
        byte[] zstd = Zstd.compress(TEXT);

        assertRefused(MediaType.OCI_LAYER_GZIP, cut(gzip, length), "gzip: ");
        if (length != 0) {
            assertRefused(MediaType.OCI_LAYER_ZSTD, cut(zstd, length), "zstd: ");
        }
    }

    @Test
    void damage_is_seen() {
        byte[] sum = gzip(TEXT);
        sum[sum.length - 5] ^= 1;
        byte[] length = gzip(TEXT);
        length[length.length - 1] ^= 1;
        byte[] middle = gzip(TEXT);
        middle[middle.length / 2] ^= 1;
        byte[] method = gzip(TEXT);
        method[2] = 7;
        byte[] flags = gzip(TEXT);
        flags[3] = (byte) 0x80;

        assertRefused(MediaType.OCI_LAYER_GZIP, sum, "sum and length");
        assertRefused(MediaType.OCI_LAYER_GZIP, length, "sum and length");
        assertRefused(MediaType.OCI_LAYER_GZIP, middle, "gzip: ");
        assertRefused(MediaType.OCI_LAYER_GZIP, method, "where a member must begin");
        assertRefused(MediaType.OCI_LAYER_GZIP, flags, "unknown flags");
        assertRefused(MediaType.OCI_LAYER_GZIP, TEXT, "where a member must begin");
        assertRefused(MediaType.OCI_LAYER_ZSTD, TEXT, "zstd: ");
    }

    @Test
    void xz_is_decoded_stream_after_stream_and_damage_is_seen() throws IOException {
        byte[] text = "xz, xz, xz and xz again".getBytes(StandardCharsets.US_ASCII);
        byte[] packed = HexFormat.of()
                .parseHex("fd377a585a000004e6d6b4460200210116000000742fe5a3e0001600145d003c1e8180a8b8a6e0bff512743b"
                        + "429215c8414e3900e18da9eb54c61d64000130171f06137c1fb6f37d010000000004595a");

        assertStreamAfterStream("xz", text, packed, 40);
    }

    @Test
    void bzip2_is_decoded_stream_after_stream_and_damage_is_seen() throws IOException {
        assertStreamAfterStream("bzip2", TEXT, bzip2(TEXT), 90_000);
        byte[] small = Arrays.copyOf(TEXT, 40);
        assertStreamAfterStream("bzip2", small, bzip2(small), 20);
        assertArrayEquals(new byte[0], opened(bzip2(new byte[0])));
        assertArrayEquals(TEXT, opened(both(bzip2(TEXT), bzip2(new byte[0]))));
    }

    @Test
    void nothing_else_follows_the_last_stream_of_bzip2() {
        byte[] packed = bzip2(TEXT);

        assertRefused(both(packed, "garbage".getBytes(UTF_8)), "bzip2: there is something else");
        assertRefused(both(packed, new byte[512]), "bzip2: there is something else");
        assertRefused(both(packed, new byte[] {'B', 'Z'}), "bzip2: it is cut short");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 500, -9, -4, -1})
    void bzip2_that_is_cut_is_refused(int length) {
        assertRefused(cut(bzip2(TEXT), length), "bzip2: it is cut short");
    }

    /// @param middle where a stream is damaged
    private static void assertStreamAfterStream(String format, byte[] text, byte[] packed, int middle)
            throws IOException {
        byte[] both = both(packed, packed);
        byte[] damaged = both.clone();
        damaged[packed.length + middle] ^= 1;
        try (InputStream stream = Decompression.open(new ByteArrayInputStream(both))) {
            assertArrayEquals(text, stream.readNBytes(text.length));
            assertArrayEquals(text, stream.readAllBytes());
            assertEquals(-1, stream.read());
        }
        assertRefused(damaged, format + ": it is damaged");
        assertRefused(Arrays.copyOf(both, both.length - 1), format + ": it is cut short");
    }

    @Test
    void what_fails_below_is_not_called_damage() {
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };

        assertEquals(
                "connection reset",
                assertThrows(IOException.class, () -> Decompression.open(MediaType.OCI_LAYER_GZIP, failing))
                        .getMessage());
    }

    @Test
    void what_is_packed_here_is_the_same_each_time_and_read_by_others() throws IOException {
        byte[] packed = packed();

        assertArrayEquals(packed, packed());
        assertArrayEquals(TEXT, new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes());
        assertArrayEquals(TEXT, opened(MediaType.OCI_LAYER_GZIP, packed));
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, (byte) 0xff}, Arrays.copyOfRange(packed, 4, 10));
    }

    private static byte[] packed() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GzipStream gzip = new GzipStream(packed)) {
            gzip.write(TEXT, 0, 100);
            gzip.write(TEXT[100]);
            gzip.write(TEXT, 101, TEXT.length - 101);
            gzip.finish();
        }
        return packed.toByteArray();
    }

    private static byte[] opened(MediaType type, byte[] packed) throws IOException {
        try (InputStream stream = Decompression.open(type, new ByteArrayInputStream(packed))) {
            return stream.readAllBytes();
        }
    }

    private static void assertRefused(MediaType type, byte[] packed, String why) {
        MalformedLayerException refused = assertThrows(MalformedLayerException.class, () -> opened(type, packed));
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }

    private static byte[] opened(byte[] packed) throws IOException {
        try (InputStream stream = Decompression.open(new ByteArrayInputStream(packed))) {
            return stream.readAllBytes();
        }
    }

    private static void assertRefused(byte[] packed, String why) {
        MalformedLayerException refused = assertThrows(MalformedLayerException.class, () -> opened(packed));
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }

    private static byte[] bzip2(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (BZip2CompressorOutputStream bzip2 = new BZip2CompressorOutputStream(packed)) {
            bzip2.write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }

    /// The first bytes, or all but the last ones.
    private static byte[] cut(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length);
    }

    private static byte[] both(byte[] one, byte[] two) {
        byte[] all = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, all, one.length, two.length);
        return all;
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }

    private static byte[] text(int length) {
        byte[] bytes = new byte[length];
        Random random = new Random(7);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + (int) Math.abs(random.nextGaussian() * 5) % 26);
        }
        return bytes;
    }
}
