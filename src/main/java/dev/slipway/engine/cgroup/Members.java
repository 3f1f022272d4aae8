package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Who is in a cgroup directory, or in one below it.
final class Members {
    private Members() {}

    static List<Long> processes(Path directory) throws IOException {
        return numbers(directory, "cgroup.procs");
    }

    /// @param unified whether the directory is of version 2
    static List<Long> threads(Path directory, boolean unified) throws IOException {
        return numbers(directory, unified ? "cgroup.threads" : "tasks");
    }

    private static List<Long> numbers(Path directory, String file) throws IOException {
        List<Long> numbers = new ArrayList<>();
        try (Stream<Path> directories = Files.walk(directory)) {
            for (Path each : directories.filter(Files::isDirectory).toList()) {
                Files.readAllLines(each.resolve(file)).forEach(line -> numbers.add(Long.valueOf(line)));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return numbers;
    }
}
