package dev.slipway.engine.quota;

/// The number of a project on its file system.
public record ProjectId(int value) {
    /// Administrators number theirs from 1 on, as do other engines.
    static final int FIRST = 1 << 20;

    public ProjectId {
        if (value < FIRST) {
            throw new IllegalArgumentException("project is none of Slipway's: " + value);
        }
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
