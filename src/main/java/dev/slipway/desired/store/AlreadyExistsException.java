package dev.slipway.desired.store;

import dev.slipway.desired.meta.ObjectKey;

/// A write was refused: the key is taken.
public final class AlreadyExistsException extends Exception {
    private static final long serialVersionUID = 1L;

    public AlreadyExistsException(ObjectKey key) {
        super("object already exists: " + key);
    }
}
