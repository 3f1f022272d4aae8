package dev.slipway.engine.oci;

/// What somebody wrote as the name of an image is not one. The message quotes it and says why.
public final class InvalidReferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidReferenceException(String text, String why) {
        super("image name \"%s\": %s".formatted(text, why));
    }
}
