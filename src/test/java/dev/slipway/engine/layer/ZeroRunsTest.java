package dev.slipway.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where runs of zeros are found: the files here are sparse, so that none of them takes much.
class ZeroRunsTest {
    private static final long LEAST = ZeroRuns.LEAST_BYTES;
    private static final long GRID = ZeroRuns.GRID_BYTES;
    private static final int MOST = 20;

    @TempDir
    private Path folder;

    @Test
    void a_run_is_found_wherever_it_begins() throws IOException {
        for (int blocks = 1; blocks <= 2 * LEAST / GRID; blocks += 3) {
            long[] bytes =
                    LongStream.rangeClosed(0, blocks).map(block -> block * GRID).toArray();
            bytes[blocks] += LEAST;

            SparseMap map = Objects.requireNonNull(found(bytes[blocks] + 1, bytes));

            assertArrayEquals(new long[] {0, blocks * GRID, bytes[blocks], 1}, map.segments());
        }
    }

    @Test
    void a_run_that_is_a_byte_too_short_is_content() throws IOException {
        assertNull(found(LEAST + 1, LEAST - 1));
        assertNull(found(3 * LEAST, 0, GRID, GRID + LEAST - 1, 2 * LEAST, 3 * LEAST - 1));
        assertNull(found(LEAST - 1));
    }

    @Test
    void a_file_of_zeros_has_an_empty_segment_at_its_end() throws IOException {
        SparseMap map = Objects.requireNonNull(found(LEAST + 7));

        assertArrayEquals(new long[] {LEAST + 7, 0}, map.segments());
        assertEquals(0, map.stored());
    }

    @ParameterizedTest
    @ValueSource(ints = {MOST, MOST + 1})
    void of_too_many_runs_the_longest_count(int runs) throws IOException {
        long[] bytes =
                LongStream.range(0, runs).map(run -> run * (LEAST + GRID)).toArray();
        long end = bytes[runs - 1] + GRID;

        SparseMap map = Objects.requireNonNull(found(end + 2 * LEAST, bytes));

        assertEquals(runs == MOST ? MOST * GRID : end, map.stored());
    }

    /// @param bytes where the file has one that is not zero
    private @Nullable SparseMap found(long size, long... bytes) throws IOException {
        Path path = folder.resolve("file");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0);
            file.setLength(size);
            for (long place : bytes) {
                file.seek(place);
                file.write('x');
            }
        }
        At at = new At();
        try (Fd directory = at.openHost(folder);
                Fd file = at.openFile(directory, "file".getBytes(StandardCharsets.US_ASCII))) {
            return new ZeroRuns(at, MOST).leftOutOf(file, size);
        }
    }
}
