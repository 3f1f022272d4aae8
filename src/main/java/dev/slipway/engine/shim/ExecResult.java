package dev.slipway.engine.shim;

/// How starting a process in a running container ended.
public sealed interface ExecResult {
    record Running(Execution execution) implements ExecResult {}

    record Refused(StartResult.Failed failure) implements ExecResult {}

    /// The container has ended, or stands still.
    record NotRunning(String words) implements ExecResult {}
}
