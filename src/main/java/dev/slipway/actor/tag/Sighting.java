package dev.slipway.actor.tag;

import dev.slipway.engine.oci.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What was seen when a registry was asked last.
///
/// @param remote what the registry said, of an index maybe; null before the first success
/// @param digest of the image that is present because of it; null before the first success
/// @param name what it was called when it was seen, and who had pushed it; empty before the first success
/// @param failure why the last question failed; empty if it did not
/// @param failures one after the other
/// @param at when it was asked
public record Sighting(
        Following what,
        @Nullable Digest remote,
        @Nullable Digest digest,
        String name,
        String failure,
        int failures,
        Instant at) {}
