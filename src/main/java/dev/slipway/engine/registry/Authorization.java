package dev.slipway.engine.registry;

import java.time.Duration;

/// What a registry wants to see with a request. Never printed.
///
/// @param header the value of the `Authorization` header
/// @param staleNanos when to stop using it, by [System#nanoTime]
/// @param lasting it does not become stale
record Authorization(String header, long staleNanos, boolean lasting) {
    static Authorization lasting(String header) {
        return new Authorization(header, 0, true);
    }

    static Authorization until(String header, Duration lifetime) {
        return new Authorization(header, System.nanoTime() + lifetime.toNanos(), false);
    }

    boolean isFresh() {
        return lasting || staleNanos - System.nanoTime() > 0;
    }

    @Override
    public String toString() {
        return "Authorization[hidden]";
    }
}
