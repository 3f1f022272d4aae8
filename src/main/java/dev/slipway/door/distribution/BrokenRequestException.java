package dev.slipway.door.distribution;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A client went away, or stopped sending, before its request was whole.
final class BrokenRequestException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenRequestException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
