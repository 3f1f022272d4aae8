package dev.slipway.engine.shim;

import dev.slipway.engine.launch.ContainerId;

/// Hears that a container has ended, once for each container that was started or adopted running. Called on the one
/// thread that reads all shims: note the id and return.
@FunctionalInterface
public interface ExitListener {
    /// [Shims#find] now tells how it ended.
    void ended(ContainerId id);
}
