package dev.slipway.door.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A client went away, or stopped sending, before its request was whole.
public final class BrokenRequestException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenRequestException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
