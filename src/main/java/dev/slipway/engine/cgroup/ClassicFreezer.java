package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// A frozen process of version 1 does not die before it is thawed, so killing is: freeze, signal, thaw; frozen, nobody
/// forks away from the signal.
///
/// @spec https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html Cgroup Freezer
record ClassicFreezer(Path directory) implements Freezer {
    private static final Duration FREEZE_BEFORE_KILL = Duration.ofMillis(100);

    @Override
    public boolean freeze(Duration limit) throws IOException {
        ControlFile.write(directory.resolve("freezer.state"), "FROZEN");
        return Patience.until(limit, this::isFrozen);
    }

    @Override
    public void thaw() throws IOException {
        ControlFile.write(directory.resolve("freezer.state"), "THAWED");
    }

    /// While some process is still on its way the state is `FREEZING`.
    @Override
    public boolean isFrozen() throws IOException {
        return ControlFile.read(directory.resolve("freezer.state")).equals("FROZEN");
    }

    @Override
    public boolean isFreezing() throws IOException {
        return !ControlFile.read(directory.resolve("freezer.state")).equals("THAWED");
    }

    @Override
    public void kill() throws IOException {
        freeze(FREEZE_BEFORE_KILL);
        for (long pid : Members.processes(directory)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        thaw();
    }

    @Override
    public boolean isEmpty() throws IOException {
        return Members.processes(directory).isEmpty();
    }
}
