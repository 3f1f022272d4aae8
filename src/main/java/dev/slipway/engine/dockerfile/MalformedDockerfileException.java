package dev.slipway.engine.dockerfile;

/// A Dockerfile, or a trigger of an image, says what cannot be read or done. The message says where.
public final class MalformedDockerfileException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedDockerfileException(String place, String what) {
        super("%s: %s".formatted(place, what));
    }
}
