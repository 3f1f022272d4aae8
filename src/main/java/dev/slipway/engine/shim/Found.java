package dev.slipway.engine.shim;

import dev.slipway.engine.launch.ContainerId;
import java.time.Instant;

/// What a run directory says about its container.
public sealed interface Found {
    ContainerId id();

    /// Its shim answers: the container runs and will be reported to the [ExitListener].
    record Running(ContainerId id, int pid, Instant startedAt) implements Found {}

    /// It ended and its shim recorded how.
    record Exited(ContainerId id, ExitRecord exit) implements Found {}

    /// It never got as far as executing its program.
    record NotStarted(ContainerId id, String why) implements Found {}

    /// Its shim is gone without a record (killed, or the host went down): what was left of it has been killed, how
    /// it would have ended is unknown. Kubernetes calls this `ContainerStatusUnknown`, exit code 137.
    record Lost(ContainerId id) implements Found {}
}
