package dev.slipway.engine.signature;

import java.io.IOException;

/// An image has no signature by the key that its registry's images need.
public final class UnverifiedImageException extends IOException {
    private static final long serialVersionUID = 1L;

    UnverifiedImageException(String message) {
        super(message);
    }
}
