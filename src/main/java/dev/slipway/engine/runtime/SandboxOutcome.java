package dev.slipway.engine.runtime;

/// How making a sandbox ended.
public sealed interface SandboxOutcome {
    record Ready(PodState.Sandbox sandbox) implements SandboxOutcome {}

    /// Somebody else holds what the pod needs, for instance a port of the host; trying later may help.
    record Refused(String message) implements SandboxOutcome {}

    record Failed(String message) implements SandboxOutcome {}
}
