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
public record TarEntry(
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
    private static final int PLAIN_DIRECTORY = 0700;
    private static final int PLAIN_FILE = 0600;

    /// How large the file is, holes counted.
    long sizeBytes() {
        return sparse == null ? bytes : sparse.size();
    }

    /// The same, of which the archive has what `map` says.
    TarEntry asSparse(SparseMap map) {
        return new TarEntry(kind, name, link, mode, owner, time, device, map.stored(), map, attributes);
    }

    /// The same, with nothing but name and content.
    ///
    /// @throws MalformedLayerException when that does not make sense for what it is
    TarEntry plain() throws MalformedLayerException {
        int plainMode = kind == Kind.DIRECTORY ? PLAIN_DIRECTORY : PLAIN_FILE;
        return switch (kind) {
            case FILE, HARD_LINK, SYMLINK, DIRECTORY ->
                new TarEntry(kind, name, link, plainMode, new Owner(0, 0), Time.ZERO, 0, bytes, sparse, Map.of());
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                throw new MalformedLayerException("it is a device or a pipe, and this is no layer");
        };
    }

    /// What it is.
    public enum Kind {
        FILE,
        HARD_LINK,
        SYMLINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }

    /// The highest number is what chown(2) takes for "leave it".
    public record Owner(long uid, long gid) {
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
    public record Time(long seconds, int nanos) {
        static final Time ZERO = new Time(0, 0);
    }
}
