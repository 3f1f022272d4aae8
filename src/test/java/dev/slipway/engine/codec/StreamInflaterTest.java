package dev.slipway.engine.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StreamInflaterTest {
    private static final int BEHIND = 5;

    static Stream<Supplier<StreamInflater>> inflaters() {
        return Stream.of(ZlibInflater::new, () -> IsalInflater.open().orElseThrow());
    }

    @ParameterizedTest
    @MethodSource("inflaters")
    void whatever_the_chunks_the_text_comes_out_and_what_follows_is_left(Supplier<StreamInflater> inflaters)
            throws Exception {
        Random random = new Random(7);
        try (StreamInflater inflater = inflaters.get()) {
            for (int round = 0; round < 60; round++) {
                byte[] text = text(random, random.nextInt(300_000));
                byte[] packed = packed(text, round % 10);
                inflater.reset();

                ByteArrayOutputStream inflated = new ByteArrayOutputStream();
                int given = inflate(inflater, packed, inflated, random);

                assertArrayEquals(text, inflated.toByteArray());
                assertEquals(packed.length - BEHIND, given - inflater.unread());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("inflaters")
    void a_damaged_stream_is_refused(Supplier<StreamInflater> inflaters) {
        byte[] damaged = new byte[100];
        Arrays.fill(damaged, (byte) 0xff);
        try (StreamInflater inflater = inflaters.get()) {
            inflater.reset();
            inflater.input(damaged, 0, damaged.length);

            assertThrows(DataFormatException.class, () -> inflater.inflate(new byte[10], 0, 10));
        }
    }

    /// @return how much was given
    private static int inflate(StreamInflater inflater, byte[] packed, ByteArrayOutputStream into, Random random)
            throws DataFormatException {
        byte[] chunk = new byte[100_000];
        int given = 0;
        while (!inflater.isAtEnd()) {
            int count = inflater.inflate(chunk, 3, 1 + random.nextInt(chunk.length - 3));
            into.write(chunk, 3, count);
            if (count == 0 && !inflater.isAtEnd()) {
                int more = Math.min(packed.length - given, 1 + random.nextInt(90_000));
                assertTrue(more > 0, "it wants more than there is");
                inflater.input(packed, given, more);
                given += more;
            }
        }
        return given;
    }

    private static byte[] text(Random random, int length) {
        byte[] text = new byte[length];
        random.nextBytes(text);
        for (int i = 0; i < length; i++) {
            text[i] = (byte) (i % 1000 < 300 ? text[i] : text[i] & 3);
        }
        return text;
    }

    private static byte[] packed(byte[] text, int level) {
        Deflater deflater = new Deflater(level, true);
        deflater.setInput(text);
        deflater.finish();
        byte[] packed = new byte[text.length + 1000];
        int length = deflater.deflate(packed);
        deflater.end();
        return Arrays.copyOf(packed, length + BEHIND);
    }
}
