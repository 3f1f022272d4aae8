package dev.slipway.engine.network;

import java.io.IOException;

/// A port of the host that a pod needs has another user; it may be free later.
public final class PortTakenException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param holder who has it, in words
    public PortTakenException(PortMapping wanted, String holder) {
        super("map host port %s:%d/%s: already in use by %s"
                .formatted(wanted.hostAddress(), wanted.hostPort(), wanted.protocol(), holder));
    }
}
