package dev.slipway.door.protobuf;

import java.io.IOException;

/// A body is not the protobuf that it claims to be, or of a message that is not in the table.
public final class MalformedProtobufException extends IOException {
    private static final long serialVersionUID = 1;

    MalformedProtobufException(String message) {
        super(message);
    }
}
