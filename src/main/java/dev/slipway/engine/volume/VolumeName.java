package dev.slipway.engine.volume;

import java.util.regex.Pattern;

/// Names a managed volume on this host, and its directory.
///
/// @param value 1 to 253 of `a-z 0-9 _ . -`, beginning with a letter or digit
public record VolumeName(String value) implements Comparable<VolumeName> {
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,252}");

    public VolumeName {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("volume name is not of the form %s: %s".formatted(GRAMMAR, value));
        }
    }

    @Override
    public int compareTo(VolumeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
