package dev.slipway.engine.content;

import dev.slipway.engine.oci.Digest;
import java.io.IOException;

/// Bytes are not what their digest or size says.
public final class CorruptContentException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptContentException(Digest digest, String why) {
        super("blob " + digest + " " + why);
    }
}
