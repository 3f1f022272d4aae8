package dev.slipway.desired.store;

/// The writes after a version are no longer known one by one; list again and watch from there. Kubernetes' `410 Gone`.
public final class ExpiredException extends Exception {
    private static final long serialVersionUID = 1L;

    public ExpiredException(long version, long oldest) {
        super("too old resource version: %d (%d)".formatted(version, oldest));
    }
}
