package dev.slipway.engine.layer;

import java.io.IOException;

/// An archive is not a layer, or breaks a rule of one; the message names the entry.
public final class MalformedLayerException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedLayerException(String message) {
        super(message);
    }
}
