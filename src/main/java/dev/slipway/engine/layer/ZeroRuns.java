package dev.slipway.engine.layer;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileContent;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Finds the long runs of zeros in files, which an archive need not hold. What is found depends on nothing but the
/// content: whether a run is a hole, and how large the blocks of a file system are, is only how fast it is found. For
/// one thread.
///
/// A run that counts is as long as two [#STEP_BYTES], so it is enough to look into a file once in each of these: files
/// without such runs are hardly read for it.
final class ZeroRuns {
    /// A run that counts has at least so many bytes; twice, four times as many in a file that has more than
    /// [#MOST_RUNS] of them.
    static final int LEAST_BYTES = 1 << 20;

    /// Runs begin at multiples of it, and end there or with their file.
    static final int GRID_BYTES = 1 << 16;

    /// So that no map is longer than others read: 1 MiB at most, in Go.
    static final int MOST_RUNS = 10_000;

    private static final int STEP_BYTES = LEAST_BYTES / 2;
    private static final int PROBE_BYTES = 1 << 12;
    private static final byte[] ZEROS = new byte[GRID_BYTES];

    private final At at;
    private final byte[] buffer = new byte[GRID_BYTES];

    private final int most;

    ZeroRuns(At at) {
        this(at, MOST_RUNS);
    }

    /// @param most how many runs of one file count
    ZeroRuns(At at, int most) {
        this.at = at;
        this.most = most;
    }

    /// The map of a file without its runs of zeros; null if it has none. The place of the next read is then the
    /// beginning, as it was.
    ///
    /// @param size of the file
    @Nullable
    SparseMap leftOutOf(Fd file, long size) throws IOException {
        if (size < LEAST_BYTES) {
            return null;
        }
        Runs runs = new Runs(most);
        long looked = 0;
        for (long probe = 0; probe < size; ) {
            long end = isZero(file, probe, Math.min(PROBE_BYTES, size - probe)) ? end(file, probe, size) : probe;
            if (end == probe) {
                probe += STEP_BYTES;
                continue;
            }
            runs.add(begin(file, looked, probe), end);
            looked = end;
            probe = (end + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
        }
        at.seek(file, 0);
        return runs.count == 0 ? null : SparseMap.around(size, runs.toArray());
    }

    private long begin(Fd file, long least, long from) throws IOException {
        long begin = from;
        while (begin - GRID_BYTES >= least && isZero(file, begin - GRID_BYTES, GRID_BYTES)) {
            begin -= GRID_BYTES;
        }
        return begin;
    }

    private long end(Fd file, long from, long size) throws IOException {
        long end = from;
        while (end < size) {
            long data = FileContent.nextData(file, end, size);
            if (data == size) {
                return size;
            }
            end = Math.max(end, data / GRID_BYTES * GRID_BYTES);
            long length = Math.min(GRID_BYTES, size - end);
            if (!isZero(file, end, length)) {
                return end;
            }
            end += length;
        }
        return end;
    }

    /// False also where the file has become shorter.
    private boolean isZero(Fd file, long offset, long length) throws IOException {
        at.seek(file, offset);
        for (long left = length; left > 0; ) {
            int count = (int) Math.min(at.read(file, buffer), left);
            if (count == 0 || Arrays.mismatch(buffer, 0, count, ZEROS, 0, count) >= 0) {
                return false;
            }
            left -= count;
        }
        return true;
    }

    /// Begin and end of each run, in turn: the longest, if there are too many.
    private static final class Runs {
        private final int most;
        private long[] ends = new long[16];
        private long least = LEAST_BYTES;
        private int count;

        Runs(int most) {
            this.most = most;
        }

        void add(long begin, long end) {
            while (count == 2 * most && end - begin >= least) {
                least *= 2;
                keepLongest();
            }
            if (end - begin >= least) {
                ends = count == ends.length ? Arrays.copyOf(ends, 2 * count) : ends;
                ends[count++] = begin;
                ends[count++] = end;
            }
        }

        private void keepLongest() {
            int kept = 0;
            for (int i = 0; i < count; i += 2) {
                if (ends[i + 1] - ends[i] >= least) {
                    ends[kept++] = ends[i];
                    ends[kept++] = ends[i + 1];
                }
            }
            count = kept;
        }

        long[] toArray() {
            return Arrays.copyOf(ends, count);
        }
    }
}
