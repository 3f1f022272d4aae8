package dev.slipway.engine.shim;

import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.ExecSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Starts containers, hears their ends, and finds them again after a restart of the engine.
///
/// Words: a *shim* is the small process that carries out one plan and then watches one container; its *run directory*
/// is `<run>/containers/<id>`.
///
/// Life: [#open] places the shim's binary and starts the reader thread; [#adopt] once, before the first start, tells
/// what earlier engines left; then [#start], [#signal], [#exec] and [#find] from any thread; [#forget] when the end of
/// a container has been noted elsewhere. [#close] lets go of the shims, which go on without the engine.
public final class Shims implements AutoCloseable {
    /// @param run the engine's run directory, on a tmpfs: run directories must vanish when the host reboots
    public Shims(Path run, ExitListener listener) {}

    /// Places the binary as `<run>/bin/shim-<sha256>` and starts listening.
    public void open() throws IOException {}

    /// Reads every run directory, connects to the shims that live, and kills what a dead shim may have left.
    public List<Found> adopt() throws IOException {
        return List.of();
    }

    /// Starts a container and returns when its program has been executed or a step has failed; after a failure nothing
    /// is left of it.
    ///
    /// @param limit after it the start is given up and undone
    /// @throws IOException when the shim itself could not be started
    public StartResult start(ContainerSpec spec, Duration limit) throws IOException, InterruptedException {
        throw new IOException("not yet");
    }

    /// What is known of the container now.
    public Found find(ContainerId id) throws IOException {
        throw new IOException("not yet");
    }

    /// Sends signal `number` to the container's first process; nothing happens if it has ended.
    public void signal(ContainerId id, int number) throws IOException {}

    /// Starts one more process in a running container.
    public ExecResult exec(ExecSpec spec, Duration limit) throws IOException, InterruptedException {
        throw new IOException("not yet");
    }

    /// The streams of a running container, from now on; closing them does not end it.
    public Execution attach(ContainerId id) throws IOException {
        throw new IOException("not yet");
    }

    /// Removes the run directory of a container that has ended.
    public void forget(ContainerId id) throws IOException {}

    @Override
    public void close() throws IOException {}
}
