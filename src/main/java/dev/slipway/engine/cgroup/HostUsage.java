package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// What all of the host has used (cpu) and uses now. The root of a hierarchy does not count everything, so it is read
/// from where the kernel counts for all.
///
/// @param memoryBytes without what the kernel could take back at once
/// @param processes and threads
/// @spec https://man7.org/linux/man-pages/man5/proc_stat.5.html proc_stat(5)
public record HostUsage(Duration cpu, long memoryBytes, long processes) {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final long TICK_MILLIS = 10;
    private static final long KIBIBYTE = 1024;
    /// Of the fields in the first line of `/proc/stat`: all but idle, iowait and what is told twice of guests.
    private static final List<Integer> BUSY = List.of(1, 2, 3, 6, 7, 8);

    /// As much as a piece of work that nobody has spoken of may take, and the host lives on when it does: half of what
    /// there is.
    static long usualWorkMemory() throws IOException {
        return kibibytes(Files.readAllLines(MEMORY), "MemTotal:") * KIBIBYTE / 2;
    }

    public static HostUsage read() throws IOException {
        String[] ticks = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +");
        long busy =
                BUSY.stream().mapToLong(field -> Long.parseLong(ticks[field])).sum();
        List<String> memory = Files.readAllLines(MEMORY);
        long used = kibibytes(memory, "MemTotal:") - kibibytes(memory, "MemAvailable:");
        String[] load = Files.readString(Path.of("/proc/loadavg")).split("[ /]");
        return new HostUsage(
                Duration.ofMillis(busy * TICK_MILLIS),
                used * KIBIBYTE,
                Long.parseLong(Arrays.asList(load).get(4)));
    }

    private static long kibibytes(List<String> memory, String key) throws IOException {
        return memory.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/meminfo has no " + key));
    }
}
