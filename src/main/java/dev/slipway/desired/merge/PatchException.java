package dev.slipway.desired.merge;

/// A patch that makes no sense, or does not fit the object; the message is for its author.
public final class PatchException extends Exception {
    private static final long serialVersionUID = 1L;

    public PatchException(String message) {
        super(message);
    }
}
