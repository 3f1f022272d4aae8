package dev.slipway.door.health;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// What the engine itself costs: memory, CPU time, open files. Container costs are not in it.
///
/// @spec https://man7.org/linux/man-pages/man5/proc_pid_status.5.html proc_pid_status(5)
public final class ProcessMetrics implements MetricSource {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    @Override
    public List<Metric> metrics() {
        Runtime runtime = Runtime.getRuntime();
        double cpuSeconds = ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1000.0;
        return List.of(
                Metric.gauge("process_resident_memory_bytes", "Resident memory of the engine.", residentBytes()),
                Metric.counter("process_cpu_seconds_total", "CPU time of the engine.", cpuSeconds),
                Metric.gauge("process_open_fds", "Open files of the engine.", openFiles()),
                Metric.gauge(
                        "slipway_heap_bytes",
                        "Java heap in use, dead objects included.",
                        runtime.totalMemory() - runtime.freeMemory()));
    }

    private static long residentBytes() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long openFiles() {
        try (Stream<Path> files = Files.list(OPEN_FILES)) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
