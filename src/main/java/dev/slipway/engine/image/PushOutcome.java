package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.util.Optional;

/// How a push ended.
public sealed interface PushOutcome {
    /// @param digest what the name points at in the registry now: of an index where all of it is here, else of the
    ///     manifest for one platform
    /// @param sentBytes what travelled, without what was there or mounted
    record Pushed(Digest digest, long sentBytes) implements PushOutcome {}

    /// @param message for people: what was done to what, and why it failed
    record Failed(PullOutcome.Reason reason, String message, Optional<Duration> retryAfter) implements PushOutcome {}
}
