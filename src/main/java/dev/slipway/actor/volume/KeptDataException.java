package dev.slipway.actor.volume;

import java.io.IOException;

/// Data of an earlier Volume are kept under the name of another that cannot have them. Somebody has to decide.
final class KeptDataException extends IOException {
    private static final long serialVersionUID = 1L;

    KeptDataException(String message) {
        super(message);
    }
}
