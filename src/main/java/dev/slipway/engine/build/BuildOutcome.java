package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import java.time.Duration;

/// How a build ended.
public sealed interface BuildOutcome {
    /// @param layersMade how many layers were not known from earlier builds
    record Built(LocalImage image, int layersMade, Duration took) implements BuildOutcome {}

    /// Nothing of it is left.
    ///
    /// @param message for people: which step failed at what, and why
    record Failed(String message) implements BuildOutcome {}

    /// The builder's thread was interrupted. Nothing of it is left.
    record Interrupted() implements BuildOutcome {}
}
