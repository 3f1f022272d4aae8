package dev.slipway.engine.copy;

import java.io.IOException;

/// What was asked for cannot be: the path is not there, or the archive holds what is not copied. The message is for
/// the user.
public final class CopyRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    public CopyRefusedException(String message) {
        super(message);
    }
}
