package dev.slipway.actor.resolve;

/// A pod needs something that is not there. The message is the kubelet's.
public final class MissingReferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    MissingReferenceException(String message) {
        super(message);
    }

    /// What is missing, for people.
    public String words() {
        return String.valueOf(getMessage());
    }
}
