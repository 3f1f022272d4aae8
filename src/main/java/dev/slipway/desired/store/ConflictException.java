package dev.slipway.desired.store;

import dev.slipway.desired.meta.ObjectKey;

/// A write was refused: the object has changed, or is gone, since the writer read it.
public final class ConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    public ConflictException(ObjectKey key) {
        super("object has been modified: " + key);
    }
}
