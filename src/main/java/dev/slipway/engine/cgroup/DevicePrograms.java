package dev.slipway.engine.cgroup;

import dev.slipway.engine.device.DeviceFilter;
import dev.slipway.engine.device.DeviceList;
import dev.slipway.engine.linux.DeviceProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;

/// The loaded programs of lists that containers have, each once: nearly all containers share one. Those that were not
/// used for longest are let go of first.
///
/// Thread-safe: one lock.
final class DevicePrograms implements AutoCloseable {
    private static final String NAME = "slipway_devices";
    private static final int MOST = 16;

    private final SequencedMap<DeviceList, DeviceProgram> loaded = new LinkedHashMap<>();

    /// Has the program of `list` ready.
    synchronized void load(DeviceList list) throws IOException {
        DeviceProgram program = loaded.remove(list);
        loaded.put(list, program == null ? DeviceProgram.load(NAME, DeviceFilter.compile(list)) : program);
        if (loaded.size() > MOST) {
            Objects.requireNonNull(loaded.pollFirstEntry()).getValue().close();
        }
    }

    /// Holds the processes of a cgroup of version 2, and of those below it, to `list` for as long as it is there.
    synchronized void attach(DeviceList list, Path cgroup) throws IOException {
        load(list);
        loaded.lastEntry().getValue().attach(cgroup);
    }

    /// What is attached stays so.
    @Override
    public synchronized void close() {
        loaded.values().forEach(DeviceProgram::close);
        loaded.clear();
    }
}
