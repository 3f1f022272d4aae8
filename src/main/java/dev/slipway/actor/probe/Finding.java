package dev.slipway.actor.probe;

/// The answer to a [Check].
public sealed interface Finding {
    record Healthy() implements Finding {}

    /// Good, but somebody should look at it.
    record Doubtful(String message) implements Finding {}

    record Unhealthy(String message) implements Finding {}

    /// Nobody knows: the question could not be asked.
    record Unknown(String message) implements Finding {}
}
