package dev.slipway.engine.launch;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Names one run of one container on this host, and its run directory. A restart is a new run with a new id.
///
/// @param value 1 to 128 of `a-z 0-9 _ . -`, beginning with a letter or digit, so that it is a safe file name
public record ContainerId(String value) {
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,127}");
    private static final int RANDOM_BYTES = 16;

    public ContainerId {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("container id is not of the form %s: %s".formatted(GRAMMAR, value));
        }
    }

    /// One that nobody else has.
    public static ContainerId random(RandomGenerator random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return new ContainerId(HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return value;
    }
}
