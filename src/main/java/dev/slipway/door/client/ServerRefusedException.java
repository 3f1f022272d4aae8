package dev.slipway.door.client;

import java.io.IOException;

/// The engine answered with an error `Status`; the message is `<reason>: <message>`.
public final class ServerRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ServerRefusedException(int status, String message) {
        super(message);
        this.status = status;
    }

    public boolean isNotFound() {
        return status == 404;
    }
}
