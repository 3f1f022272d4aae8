package dev.slipway.engine.user;

import java.util.ArrayList;
import java.util.List;

/// Ids of the host that follow each other, of users and of groups.
///
/// @param first above 0: root is nobody's to give
/// @param size at least 1
public record IdRange(int first, int size) {
    public IdRange {
        if (first < 1 || size < 1 || size - 1 > Integer.MAX_VALUE - first) {
            throw new IllegalArgumentException(
                    "ids of a user namespace must lie between 1 and 2147483647: %d from %d".formatted(size, first));
        }
    }

    boolean overlaps(long otherFirst, long otherSize) {
        return first < otherFirst + otherSize && otherFirst < (long) first + size;
    }

    /// What it is made of: ranges of `blockSize`, of which the last may be smaller.
    List<IdRange> blocks(int blockSize) {
        List<IdRange> blocks = new ArrayList<>();
        for (int done = 0; done < size; done += Math.min(blockSize, size - done)) {
            blocks.add(new IdRange(first + done, Math.min(blockSize, size - done)));
        }
        return blocks;
    }

    @Override
    public String toString() {
        return "%d-%d".formatted(first, first + size - 1);
    }
}
