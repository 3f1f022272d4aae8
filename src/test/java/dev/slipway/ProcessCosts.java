package dev.slipway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What processes of this host cost it.
public final class ProcessCosts {
    private ProcessCosts() {}

    /// Proportional memory of all processes with such a command line, in MiB.
    static double pssMib(Predicate<String> commandLine) throws IOException {
        long kib = 0;
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            List<Path> processes = all.filter(
                            path -> path.getFileName().toString().matches("\\d+")
                                    && commandLine.test(text(path.resolve("cmdline"))))
                    .toList();
            for (Path process : processes) {
                kib += find(text(process.resolve("smaps_rollup")), "Pss").orElse(0);
            }
        }
        return kib / 1024.0;
    }

    /// A number in a file of /proc, in KiB where it is memory.
    ///
    /// @param key for instance `Pss`; somewhere in the file
    public static long number(Path file, String key) throws IOException {
        return find(Files.readString(file), key).orElseThrow();
    }

    private static OptionalLong find(String text, String key) {
        return text.lines()
                .filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst();
    }

    /// Processor time that a process has taken, in milliseconds.
    static double cpuMillis(long pid) throws IOException {
        String[] fields = Files.readString(Path.of("/proc/" + pid + "/stat"))
                .replaceFirst(".*\\) ", "")
                .split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10.0;
    }

    /// Empty if the process has ended.
    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
