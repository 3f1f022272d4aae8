package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `/proc` tells of one process.
///
/// @param inside its number in the innermost pid namespace
/// @param user its user, as its own user namespace counts
/// @param state a letter
/// @param command its arguments, or its name in brackets when it has none
/// @spec https://man7.org/linux/man-pages/man5/proc_pid_status.5.html proc_pid_status(5)
public record ProcessFacts(
        long pid, long inside, long user, String state, Duration cpu, long residentBytes, List<String> command) {
    private static final long TICK_MILLIS = 10;
    private static final long KIBIBYTE = 1024;
    private static final int LONGEST_COMMAND_BYTES = 4096;

    public ProcessFacts {
        command = List.copyOf(command);
    }

    /// @return empty if it has ended
    public static Optional<ProcessFacts> of(long pid) {
        Path directory = Path.of("/proc/" + pid);
        try {
            Map<String, String[]> status = new HashMap<>();
            for (String line : Files.readAllLines(directory.resolve("status"), StandardCharsets.ISO_8859_1)) {
                int colon = line.indexOf(':');
                status.put(
                        line.substring(0, colon),
                        line.substring(colon + 1).strip().split("\\s+"));
            }
            String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The name before may hold anything.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new ProcessFacts(
                    pid,
                    Long.parseLong(last(status, "NSpid", Long.toString(pid))),
                    inside(directory, Long.parseLong(status.getOrDefault("Uid", new String[] {"0", "0"})[1])),
                    fields[0],
                    Duration.ofMillis((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MILLIS),
                    Long.parseLong(status.getOrDefault("VmRSS", new String[] {"0"})[0]) * KIBIBYTE,
                    command(directory, last(status, "Name", "?"))));
        } catch (IOException e) {
            // What cannot be read any more has ended.
            return Optional.empty();
        }
    }

    private static String last(Map<String, String[]> status, String key, String otherwise) {
        String[] words = status.getOrDefault(key, new String[] {otherwise});
        return words[words.length - 1];
    }

    /// Users of a namespace of users are told as the reader counts.
    private static long inside(Path directory, long user) throws IOException {
        for (String line : Files.readAllLines(directory.resolve("uid_map"))) {
            String[] range = line.strip().split("\\s+");
            long own = user - Long.parseLong(range[1]);
            if (own >= 0 && own < Long.parseLong(range[2])) {
                return Long.parseLong(range[0]) + own;
            }
        }
        return user;
    }

    private static List<String> command(Path directory, String name) throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve("cmdline"));
        String text = new String(bytes, 0, Math.min(bytes.length, LONGEST_COMMAND_BYTES), StandardCharsets.UTF_8);
        return text.isEmpty() ? List.of("[" + name + "]") : Arrays.asList(text.split("\0"));
    }
}
