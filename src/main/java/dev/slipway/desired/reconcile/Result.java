package dev.slipway.desired.reconcile;

import java.time.Duration;

/// How one round for an object ended, and when the next is due. An event for the key always starts a round at once.
public sealed interface Result {
    /// Nothing differs, or what differs will announce itself by an event.
    record Settled() implements Result {}

    /// One more round after a while, for instance when a grace period ends.
    record Again(Duration after) implements Result {}

    /// Something is missing that may come; the loop backs off between rounds.
    ///
    /// @param after at least that long; zero leaves it to the back-off
    record Waiting(String reason, Duration after) implements Result {}

    /// Only a change of the object can help; no further round until then.
    record Stalled(String reason, String message) implements Result {}

    Result SETTLED = new Settled();
}
