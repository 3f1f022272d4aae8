package dev.slipway.desired.store;

/// Hears writes, in order, one call at a time.
@FunctionalInterface
public interface WatchListener {
    void happened(StoreEvent event);

    /// The watch ended by itself: its listener was too slow or threw something, or the store was closed. Nothing
    /// follows.
    default void ended() {}
}
