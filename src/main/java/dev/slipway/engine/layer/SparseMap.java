package dev.slipway.engine.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Where a file has bytes; the rest of it are holes, which read as zeros and take no space.
///
/// @param size of the file
/// @param segments offset and length of each run of bytes, in turn; ascending, not overlapping, within `size`
public record SparseMap(long size, long[] segments) {
    /// Bounds what an archive may make this process keep.
    static final int MOST_SEGMENTS = 1 << 17;

    /// @throws MalformedLayerException when the segments are not as they must be
    static SparseMap of(long size, long[] segments) throws MalformedLayerException {
        if (size < 0 || segments.length % 2 != 0) {
            throw new MalformedLayerException("the map of a sparse file is incomplete");
        }
        long end = 0;
        for (int i = 0; i < segments.length; i += 2) {
            long offset = segments[i];
            long length = segments[i + 1];
            if (offset < end || length < 0 || offset > size || length > size - offset) {
                throw new MalformedLayerException("the map of a sparse file overlaps or leaves the file");
            }
            end = offset + length;
        }
        return new SparseMap(size, segments);
    }

    /// The map of a file of which runs of zeros are left out. One that ends with such a run has an empty segment
    /// there, because GNU tar takes the size from it.
    ///
    /// @param holes begin and end of each run, in turn; ascending
    static SparseMap around(long size, long[] holes) throws MalformedLayerException {
        long[] segments = new long[holes.length + 2];
        int count = 0;
        long end = 0;
        for (int i = 0; i <= holes.length; i += 2) {
            long next = i < holes.length ? holes[i] : size;
            if (next > end || i == holes.length) {
                segments[count++] = end;
                segments[count++] = next - end;
            }
            end = i < holes.length ? holes[i + 1] : size;
        }
        return of(size, Arrays.copyOf(segments, count));
    }

    /// As it stands in front of the content: how many segments, offset and length of each, in decimal on lines of
    /// their own; up to a whole block.
    ///
    /// @spec https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html GNU tar: PAX format 1.0
    byte[] text() {
        StringBuilder text = new StringBuilder().append(segments.length / 2).append('\n');
        for (long number : segments) {
            text.append(number).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(bytes, bytes.length + (-bytes.length & TarHeader.BLOCK_BYTES - 1));
    }

    /// How many bytes the archive has of the file.
    long stored() {
        long sum = 0;
        for (int i = 1; i < segments.length; i += 2) {
            sum += segments[i];
        }
        return sum;
    }
}
