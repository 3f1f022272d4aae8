package dev.slipway.actor.tag;

import dev.slipway.desired.meta.Reason;
import dev.slipway.engine.oci.Digest;

/// Where a Tag shall point, as far as that is known.
public sealed interface TagTarget {
    /// @param cause who or what says so
    /// @param explicit its spec says so in so many words, so that no approval and no window is waited for
    record Found(Digest digest, String cause, boolean explicit) implements TagTarget {}

    record Missing(Reason reason, String message) implements TagTarget {}

    /// Only a change of an object can help.
    record Refused(Reason reason, String message) implements TagTarget {}
}
