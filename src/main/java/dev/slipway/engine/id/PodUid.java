package dev.slipway.engine.id;

import java.util.regex.Pattern;

/// Names one pod for ever: a deleted and recreated pod has another uid. Safe as a file name, a cgroup name and a key.
///
/// @param value 1 to 64 of `a-z 0-9 -`, usually a UUID as Kubernetes gives it
public record PodUid(String value) implements Comparable<PodUid> {
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    public PodUid {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("pod uid is not of the form %s: %s".formatted(GRAMMAR, value));
        }
    }

    @Override
    public int compareTo(PodUid other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
