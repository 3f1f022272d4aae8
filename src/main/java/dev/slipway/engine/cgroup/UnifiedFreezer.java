package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// @spec https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files cgroup.freeze, cgroup.kill,
///     cgroup.events
record UnifiedFreezer(Path directory) implements Freezer {
    @Override
    public boolean freeze(Duration limit) throws IOException {
        ControlFile.write(directory.resolve("cgroup.freeze"), "1");
        return Patience.until(limit, this::isFrozen);
    }

    @Override
    public void thaw() throws IOException {
        ControlFile.write(directory.resolve("cgroup.freeze"), "0");
    }

    @Override
    public boolean isFrozen() throws IOException {
        return ControlFile.keyed(directory.resolve("cgroup.events"), "frozen") == 1;
    }

    @Override
    public boolean isFreezing() throws IOException {
        return ControlFile.read(directory.resolve("cgroup.freeze")).equals("1");
    }

    @Override
    public void kill() throws IOException {
        ControlFile.write(directory.resolve("cgroup.kill"), "1");
    }

    @Override
    public boolean isEmpty() throws IOException {
        return ControlFile.keyed(directory.resolve("cgroup.events"), "populated") == 0;
    }
}
