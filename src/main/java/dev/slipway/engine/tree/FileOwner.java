package dev.slipway.engine.tree;

import dev.slipway.engine.linux.FileStat;

/// To whom a file belongs.
public record FileOwner(long uid, long gid) {
    public static final FileOwner ROOT = new FileOwner(0, 0);
    private static final long MOST = 0xfffffffeL;

    public FileOwner {
        if (uid < 0 || uid > MOST || gid < 0 || gid > MOST) {
            throw new IllegalArgumentException("owner is out of range: " + uid + ":" + gid);
        }
    }

    public static FileOwner of(FileStat stat) {
        return new FileOwner(Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid()));
    }
}
