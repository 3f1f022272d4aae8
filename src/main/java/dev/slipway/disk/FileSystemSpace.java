package dev.slipway.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// How full a file system is.
///
/// @param capacityBytes all of it
/// @param availableBytes what can still be written
public record FileSystemSpace(long capacityBytes, long availableBytes, Inodes inodes) {
    private static final double WHOLE = 100;

    /// Tells how full a file system is now: that of a directory, or what a test says.
    @FunctionalInterface
    public interface Gauge {
        FileSystemSpace read() throws IOException;
    }

    /// Of how many files and directories it can consist.
    ///
    /// @param all zero where the file system makes them as they are needed and counts none, as btrfs does
    /// @param free how many more can be made
    public record Inodes(long all, long free) {
        public static final Inodes UNCOUNTED = new Inodes(0, 0);

        public Inodes {
            all = Math.max(0, all);
            free = Math.clamp(free, 0, all);
        }

        public boolean areCounted() {
            return all > 0;
        }

        /// In whole percent; zero where they are not counted.
        public int usedPercent() {
            return areCounted() ? (int) (WHOLE - Math.floor(free * WHOLE / all)) : 0;
        }
    }

    public FileSystemSpace(long capacityBytes, long availableBytes) {
        this(capacityBytes, availableBytes, Inodes.UNCOUNTED);
    }

    public FileSystemSpace {
        if (capacityBytes <= 0 || availableBytes < 0 || availableBytes > capacityBytes) {
            throw new IllegalArgumentException(
                    "no file system has %d of %d bytes available".formatted(availableBytes, capacityBytes));
        }
    }

    /// Of the file system that `path` lies on.
    ///
    /// @throws IOException also when it says that it has no size
    public static FileSystemSpace of(Path path) throws IOException {
        FileStore store = Files.getFileStore(path);
        long capacity = store.getTotalSpace();
        if (capacity <= 0) {
            throw new IOException("file system of %s has no capacity".formatted(path));
        }
        return new FileSystemSpace(capacity, Math.clamp(store.getUsableSpace(), 0, capacity));
    }

    public FileSystemSpace with(Inodes counted) {
        return new FileSystemSpace(capacityBytes, availableBytes, counted);
    }

    /// Whether more than `percent` of the capacity or of the inodes are in use.
    public boolean isAbove(int percent) {
        return bytesAbove(percent) > 0 || inodes.usedPercent() > percent;
    }

    /// What cannot be written any more, in whole percent of the capacity.
    public int usedPercent() {
        return (int) (WHOLE - Math.floor(availableBytes * WHOLE / capacityBytes));
    }

    /// How much has to be freed until only `percent` of the capacity are in use; zero or less when they are not.
    public long bytesAbove(int percent) {
        return (long) (capacityBytes * (WHOLE - percent) / WHOLE) - availableBytes;
    }
}
