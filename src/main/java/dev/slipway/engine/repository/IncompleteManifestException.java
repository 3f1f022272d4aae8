package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import java.io.IOException;

/// A manifest needs what the repository does not have.
public final class IncompleteManifestException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Digest missing;

    IncompleteManifestException(Digest missing) {
        super("the repository does not have " + missing);
        this.missing = missing;
    }

    public Digest missing() {
        return missing;
    }
}
