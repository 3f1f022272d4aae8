package dev.slipway.engine.volume;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Pattern;

/// Names a managed volume on this host, and its directory.
///
/// @param value 1 to 253 of `a-z 0-9 _ . -`, beginning with a letter or digit
public record VolumeName(String value) implements Comparable<VolumeName> {
    /// A file's name has 255 bytes, and some volumes stand aside as `.making-<name>`.
    private static final int LONGEST = 247;

    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,252}");

    public VolumeName {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("volume name is not of the form %s: %s".formatted(GRAMMAR, value));
        }
    }

    /// The directory of a Volume object. Namespaces have no dots, so no two objects share one; a name that is too
    /// long for a file is cut, and told apart by its hash.
    public static VolumeName of(String namespace, String name) {
        String whole = namespace + "." + name;
        if (whole.length() <= LONGEST) {
            return new VolumeName(whole);
        }
        String hash =
                UUID.nameUUIDFromBytes(whole.getBytes(StandardCharsets.UTF_8)).toString();
        return new VolumeName(whole.substring(0, LONGEST - hash.length() - 1) + "." + hash);
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
