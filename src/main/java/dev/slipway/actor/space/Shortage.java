package dev.slipway.actor.space;

import dev.slipway.disk.FileSystemSpace;

/// What the file system of images runs short of, from the high threshold on and down to the low one.
///
/// @param wantedBytes how much is to be freed; zero when there is enough
/// @param isOfInodes whether files are to be removed, however small; how many inodes that frees is seen afterwards
record Shortage(FileSystemSpace space, long wantedBytes, boolean isOfInodes) {
    /// @param wasOfInodes when it was looked at last
    static Shortage of(FileSystemSpace space, CollectionSettings settings, boolean wasOfInodes) {
        int inodes = space.inodes().usedPercent();
        long wanted = settings.isExceeded(space.usedPercent()) ? space.bytesAbove(settings.lowThresholdPercent()) : 0;
        boolean isRelieved = inodes <= settings.lowThresholdPercent();
        return new Shortage(space, wanted, settings.isExceeded(inodes) || wasOfInodes && !isRelieved);
    }

    boolean isThere() {
        return wantedBytes > 0 || isOfInodes;
    }
}
