package dev.slipway.actor.build;

/// What becomes of a build spec.
public sealed interface PlanOutcome permits BuildPlan, PlanOutcome.Awaited, PlanOutcome.Unreadable {
    /// Something that it names is not there.
    record Awaited(String message) implements PlanOutcome {}

    /// It cannot be done as it is.
    record Unreadable(String message) implements PlanOutcome {}
}
