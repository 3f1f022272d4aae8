package dev.slipway.actor.host;

import java.util.Locale;
import java.util.Optional;

/// What this host is and has.
///
/// @param name as the host calls itself
/// @param address IPv4 under which others reach it
/// @param system its software
/// @param resources what it has
/// @param networkFault why pods and other hosts do not reach each other; empty while they do, or do not try
public record HostFacts(
        String name, String address, System system, Resources resources, Optional<String> networkFault) {
    public HostFacts(String name, String address, System system, Resources resources) {
        this(name, address, system, resources, Optional.empty());
    }

    /// These, with what is wrong with its network.
    public HostFacts with(Optional<String> fault) {
        return new HostFacts(name, address, system, resources, fault);
    }

    /// @param machineId, `systemUuid`, `bootId` empty where the host does not say
    public record System(
            String machineId, String systemUuid, String bootId, String kernelVersion, String osImage, String cpu) {
        /// As Go names the processor, which is what `kubernetes.io/arch` and images say.
        String architecture() {
            return switch (cpu) {
                case "x86_64" -> "amd64";
                case "aarch64" -> "arm64";
                default -> cpu;
            };
        }
    }

    /// These, with how many files the file system of containers can consist of.
    public HostFacts having(Inodes inodes) {
        return new HostFacts(name, address, system, resources.having(inodes), networkFault);
    }

    /// @param all zero where the file system counts none
    /// @param free how many more can be made
    public record Inodes(long all, long free) {
        static final Inodes UNCOUNTED = new Inodes(0, 0);
    }

    /// @param cpus that are online
    /// @param freeMemoryBytes what new processes can have without swapping
    /// @param diskBytes of the file system of containers
    /// @param freeDiskBytes what an ordinary user can still write there
    /// @param tasks processes and threads that exist
    /// @param mostTasks how many can
    public record Resources(
            int cpus,
            long memoryBytes,
            long freeMemoryBytes,
            long diskBytes,
            long freeDiskBytes,
            Inodes inodes,
            long tasks,
            long mostTasks) {
        Resources having(Inodes counted) {
            return new Resources(
                    cpus, memoryBytes, freeMemoryBytes, diskBytes, freeDiskBytes, counted, tasks, mostTasks);
        }
    }

    /// The name of the Node object: the host's in lower case, with what a name cannot have replaced.
    public static String nodeName(String hostName) {
        String name = hostName.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9.-]", "-")
                .replaceAll("(^[.-]+)|([.-]+$)", "")
                .replaceAll("[.-]*\\.[.-]*", ".");
        return name.isEmpty() ? "localhost" : name;
    }
}
