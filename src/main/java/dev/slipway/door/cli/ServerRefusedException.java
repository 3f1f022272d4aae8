package dev.slipway.door.cli;

import java.io.IOException;

/// The engine answered with an error `Status`; the message is `<reason>: <message>`.
final class ServerRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ServerRefusedException(int status, String message) {
        super(message);
        this.status = status;
    }

    boolean isNotFound() {
        return status == 404;
    }
}
