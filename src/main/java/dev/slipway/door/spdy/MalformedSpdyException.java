package dev.slipway.door.spdy;

import java.io.IOException;

/// The other side does not keep to the protocol; nothing more can be read from its connection.
public final class MalformedSpdyException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedSpdyException(String message) {
        super(message);
    }
}
