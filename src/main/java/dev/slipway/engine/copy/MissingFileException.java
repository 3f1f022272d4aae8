package dev.slipway.engine.copy;

import java.io.IOException;

/// The container has nothing at the path, or no directory where one is needed. The message is for the user.
public final class MissingFileException extends IOException {
    private static final long serialVersionUID = 1L;

    public MissingFileException(String message) {
        super(message);
    }
}
