package dev.slipway.desired.store;

/// A running watch; after closing, the listener is not called again.
@FunctionalInterface
public interface Watch extends AutoCloseable {
    @Override
    void close();
}
