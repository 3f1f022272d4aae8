package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.util.Optional;

/// How a push ended.
public sealed interface PushOutcome {
    /// @param digest what the name points at in the registry now: of an index where all of it could be had, else of
    ///     the manifest for one platform
    /// @param sentBytes what travelled, without what was there or mounted
    /// @param remark for people: why the image went without its index, or why the registry, which has it, did not
    ///     take it again; empty where nothing is to be said
    record Pushed(Digest digest, long sentBytes, String remark) implements PushOutcome {}

    /// @param message for people: what was done to what, and why it failed
    record Failed(PullOutcome.Reason reason, String message, Optional<Duration> retryAfter) implements PushOutcome {}
}
