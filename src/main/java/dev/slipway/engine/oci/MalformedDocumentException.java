package dev.slipway.engine.oci;

import java.io.IOException;

/// A manifest, index or config is not what its specification says. The message names the member.
public final class MalformedDocumentException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedDocumentException(String message) {
        super(message);
    }

    MalformedDocumentException(String message, Throwable cause) {
        super(message, cause);
    }
}
