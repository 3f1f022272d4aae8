package dev.slipway.engine.runtime;

/// How starting (or creating) an attempt ended.
public sealed interface StartOutcome {
    record Started(Attempt attempt) implements StartOutcome {}

    /// What the manifest or the image asks for cannot be: no program at all, an unknown user, a volume that is not
    /// there. Kubernetes calls these `CreateContainerConfigError` and `CreateContainerError`.
    record Refused(String message) implements StartOutcome {}

    /// Its program cannot be executed: it is not there, may not be, or is for another machine. Kubernetes' runtimes
    /// have made a container by then, which ends with `StartError`.
    record NotExecuted(String message) implements StartOutcome {}

    /// What is mounted and the users that the pod has do not go together on this kernel: no other try helps.
    record Unsupported(String message) implements StartOutcome {}

    /// The host could not: Kubernetes' `RunContainerError`.
    record Failed(String message) implements StartOutcome {}
}
