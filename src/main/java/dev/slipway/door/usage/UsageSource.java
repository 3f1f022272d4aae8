package dev.slipway.door.usage;

import dev.slipway.desired.meta.ApiObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Reads what is used. The API server asks; whoever runs the containers answers.
public interface UsageSource {
    /// @param cpu used since the beginning
    /// @param memoryBytes in use, without what the kernel could take back at once
    /// @param pids processes and threads
    record Total(Duration cpu, long memoryBytes, long pids) {}

    /// @param pid on the host
    /// @param inside the number that the container knows it by
    /// @param user number of its user in the container
    /// @param state letter of proc(5)
    record Process(
            long pid, long inside, long user, String state, Duration cpu, long memoryBytes, List<String> command) {
        public Process {
            command = List.copyOf(command);
        }
    }

    /// Empty while the container does not run.
    Optional<Total> container(ApiObject pod, String container) throws IOException;

    /// All of this host.
    Total host() throws IOException;

    /// The processes of a container, the first one first; none while it does not run.
    List<Process> processes(ApiObject pod, String container) throws IOException;
}
