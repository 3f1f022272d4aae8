package dev.slipway.engine.dockerfile;

/// A Dockerfile says what cannot be read or done. The message names the line.
public final class MalformedDockerfileException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedDockerfileException(int line, String what) {
        super("Dockerfile line %d: %s".formatted(line, what));
    }
}
