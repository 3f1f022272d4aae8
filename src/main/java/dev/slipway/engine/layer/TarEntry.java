package dev.slipway.engine.layer;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an archive says of one file, with all extensions applied. Names are bytes as the archive has them.
///
/// @param link target of a symbolic or hard link, else empty
/// @param mode permission bits
/// @param device of a device node, as the kernel packs it
/// @param bytes content that follows in the archive
/// @param sparse where these bytes belong, if the file has holes
/// @param attributes extended attributes
record TarEntry(
        Kind kind,
        byte[] name,
        byte[] link,
        int mode,
        Owner owner,
        Time time,
        long device,
        long bytes,
        @Nullable SparseMap sparse,
        Map<String, byte[]> attributes) {
    /// What it is.
    enum Kind {
        FILE,
        HARD_LINK,
        SYMLINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }

    /// The highest number is what chown(2) takes for "leave it".
    record Owner(long uid, long gid) {
        private static final long HIGHEST = 0xfffffffeL;

        static Owner of(long uid, long gid) throws MalformedLayerException {
            if (uid < 0 || uid > HIGHEST || gid < 0 || gid > HIGHEST) {
                throw new MalformedLayerException("owner %d:%d is out of range".formatted(uid, gid));
            }
            return new Owner(uid, gid);
        }

        boolean isRoot() {
            return uid == 0 && gid == 0;
        }
    }

    /// Since 1970; `nanos` count forward, also before.
    record Time(long seconds, int nanos) {
        static final Time ZERO = new Time(0, 0);
    }
}
