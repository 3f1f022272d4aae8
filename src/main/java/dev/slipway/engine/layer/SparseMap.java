package dev.slipway.engine.layer;

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

    /// How many bytes the archive has of the file.
    long stored() {
        long sum = 0;
        for (int i = 1; i < segments.length; i += 2) {
            sum += segments[i];
        }
        return sum;
    }
}
