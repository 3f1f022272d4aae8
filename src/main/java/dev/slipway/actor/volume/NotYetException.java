package dev.slipway.actor.volume;

import java.io.IOException;

/// What a volume or a snapshot is to be made of is not there yet. Nobody has to do anything but wait.
final class NotYetException extends IOException {
    private static final long serialVersionUID = 1L;

    NotYetException(String message) {
        super(message);
    }
}
