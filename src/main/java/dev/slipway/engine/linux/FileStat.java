package dev.slipway.engine.linux;

import jnr.ffi.Pointer;

/// What statx(2) says of a file.
///
/// @param mode type and permission bits
/// @param device of a device node: major and minor as [#device] packs them
/// @param blocks of 512 bytes that it takes on disk
/// @param filesystem device of the file system that it is on; with [#inode] it tells files apart
/// @param changedSeconds when content or attributes changed last, which no program can set back
public record FileStat(
        int mode,
        int uid,
        int gid,
        long size,
        long blocks,
        long inode,
        int links,
        long seconds,
        int nanos,
        long device,
        long filesystem,
        long changedSeconds,
        int changedNanos) {
    static final int STATX_BYTES = 256;
    static final int STATX_BASIC_STATS = 0x7ff;

    private static final int TYPE = 0170000;
    public static final int FIFO = 0010000;
    public static final int CHARACTER_DEVICE = 0020000;
    public static final int DIRECTORY = 0040000;
    public static final int BLOCK_DEVICE = 0060000;
    public static final int REGULAR = 0100000;
    public static final int SYMLINK = 0120000;
    public static final int SOCKET = 0140000;

    /// Offsets are those of `struct statx`, the same on all architectures.
    static FileStat of(Pointer statx) {
        return new FileStat(
                statx.getShort(28) & 0xffff,
                statx.getInt(20),
                statx.getInt(24),
                statx.getLong(40),
                statx.getLong(48),
                statx.getLong(32),
                statx.getInt(16),
                statx.getLong(112),
                statx.getInt(120),
                device(statx.getInt(128), statx.getInt(132)),
                device(statx.getInt(136), statx.getInt(140)),
                statx.getLong(96),
                statx.getInt(104));
    }

    /// Packs a device number as the kernel takes it in mknod(2).
    ///
    /// @spec https://man7.org/linux/man-pages/man3/makedev.3.html makedev(3)
    public static long device(long major, long minor) {
        return ((major & 0xfffff000L) << 32)
                | ((major & 0xfffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0xffL);
    }

    public static long major(long device) {
        return ((device >>> 32) & 0xfffff000L) | ((device >>> 8) & 0xfffL);
    }

    public static long minor(long device) {
        return ((device >>> 12) & 0xffffff00L) | (device & 0xffL);
    }

    /// One of the type constants of this class.
    public int type() {
        return mode & TYPE;
    }

    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return type() == DIRECTORY;
    }

    /// Overlayfs' mark for a name that was deleted: a character device 0:0.
    public boolean isWhiteout() {
        return type() == CHARACTER_DEVICE && device == 0;
    }
}
