package dev.slipway.engine.snapshot;

import java.util.regex.Pattern;

/// Names a writable layer.
///
/// @param value 1 to 200 of `a-z 0-9 _ . -`, beginning with a letter or digit, so that it is a safe file name
public record SnapshotKey(String value) {
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,199}");

    public SnapshotKey {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("snapshot key is not of the form %s: %s".formatted(GRAMMAR, value));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
