package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Reads what one cgroup uses: from the controllers that it is in, and where it is in none, from its processes.
///
/// @param directory the cgroup's directory in the hierarchy with that root
record UsageReader(Hierarchies hierarchies, UnaryOperator<Path> directory) {
    private static final long KIBIBYTE = 1024;

    CgroupUsage read() throws IOException {
        return new CgroupUsage(cpu(), memoryBytes(), pids());
    }

    /// Version 2 counts cpu time in every cgroup, also without the controller.
    private Duration cpu() throws IOException {
        if (hierarchies.unified().isPresent()) {
            Path stat = directory.apply(hierarchies.unified().get()).resolve("cpu.stat");
            return Duration.of(ControlFile.keyed(stat, "usage_usec"), ChronoUnit.MICROS);
        }
        Optional<Place> place = place(Controller.CPUACCT);
        return place.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(
                        ControlFile.number(place.get().file("cpuacct.usage")).orElse(0));
    }

    private long memoryBytes() throws IOException {
        Optional<Place> place = place(Controller.MEMORY);
        if (place.isEmpty()) {
            return sumOfProcesses();
        }
        boolean unified = place.get().unified();
        long all = ControlFile.number(place.get().file(unified ? "memory.current" : "memory.usage_in_bytes"))
                .orElse(0);
        long unused =
                ControlFile.keyed(place.get().file("memory.stat"), unified ? "inactive_file" : "total_inactive_file");
        return Math.max(0, all - unused);
    }

    private long pids() throws IOException {
        Optional<Place> place = place(Controller.PIDS);
        return place.isPresent()
                ? ControlFile.number(place.get().file("pids.current")).orElse(0)
                : Members.threads(membership(), hierarchies.unified().isPresent())
                        .size();
    }

    /// The proportional share of each process, so that what several of them map is counted once.
    private long sumOfProcesses() throws IOException {
        long kibibytes = 0;
        for (long pid : Members.processes(membership())) {
            kibibytes += proportionalKibibytes(Path.of("/proc/" + pid));
        }
        return kibibytes * KIBIBYTE;
    }

    private static long proportionalKibibytes(Path process) throws IOException {
        try {
            return Files.readAllLines(process.resolve("smaps_rollup")).stream()
                    .filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            // One that has ended since, or is a zombie, uses nothing.
            if (!Files.exists(process) || ControlFile.keyed(process.resolve("status"), "VmRSS:") == 0) {
                return 0;
            }
            throw e;
        }
    }

    private Path membership() {
        return directory.apply(hierarchies
                .unified()
                .orElseGet(
                        () -> hierarchies.home(Controller.FREEZER).orElseThrow().root()));
    }

    /// Where `controller` counts for this cgroup; empty if the cgroup is not in its hierarchy.
    private Optional<Place> place(Controller controller) {
        return hierarchies
                .home(controller)
                .map(home -> new Place(directory.apply(home.root()), home.unified()))
                .filter(place -> Files.isDirectory(place.directory()));
    }

    private record Place(Path directory, boolean unified) {
        Path file(String name) {
            return directory.resolve(name);
        }
    }
}
