package dev.slipway.actor.tag;

import dev.slipway.desired.meta.Reason;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;
import java.util.Optional;

/// What a round does with a Tag.
public sealed interface TagAction {
    /// It points where it shall.
    record Stay() implements TagAction {}

    record Move(Digest digest, String cause) implements TagAction {}

    /// It would move, but not yet, or not by itself.
    ///
    /// @param until when it may; empty if that is not a matter of time
    record Hold(Digest pending, Reason reason, String message, Optional<Instant> until) implements TagAction {}

    /// The rollout failed: back to the image before.
    record RollBack(Digest digest, Digest bad, String why) implements TagAction {}

    /// There is nothing to point at; it stays where it is.
    record Await(Reason reason, String message) implements TagAction {}

    record Refuse(Reason reason, String message) implements TagAction {}
}
