package dev.slipway.engine.volume;

/// Who owns the root of a volume that is made, and its permission bits.
public record Ownership(int uid, int gid, int mode) {
    /// Root's, readable by all.
    public static final Ownership ROOT = new Ownership(0, 0, 0755);

    public Ownership {
        if (uid < 0 || gid < 0 || (mode & ~07777) != 0) {
            throw new IllegalArgumentException("impossible ownership: %d:%d %o".formatted(uid, gid, mode));
        }
    }
}
