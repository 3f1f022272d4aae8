package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Who is in a cgroup directory, or in one below it.
final class Members {
    private static final int MOST_LOOKS = 100;

    private Members() {}

    static List<Long> processes(Path directory) throws IOException {
        return numbers(directory, "cgroup.procs");
    }

    /// @param unified whether the directory is of version 2
    static List<Long> threads(Path directory, boolean unified) throws IOException {
        return numbers(directory, unified ? "cgroup.threads" : "tasks");
    }

    /// Moves whoever is in `source` into `directory`, which is of another hierarchy. Who ends meanwhile is not
    /// missed; what somebody forks before he is moved comes with the next look.
    ///
    /// @throws IOException also when they fork faster than they can be moved
    static void gather(Path source, Path directory) throws IOException {
        List<Long> outside = outside(source, directory);
        for (int looks = 0; looks < MOST_LOOKS && !outside.isEmpty(); looks++) {
            for (long pid : outside) {
                move(pid, source, directory);
            }
            outside = outside(source, directory);
        }
        if (!outside.isEmpty()) {
            throw new IOException(
                    "processes of %s fork faster than they can be moved to %s".formatted(source, directory));
        }
    }

    private static List<Long> outside(Path source, Path directory) throws IOException {
        List<Long> outside = new ArrayList<>(processes(source));
        outside.removeAll(processes(directory));
        return outside;
    }

    private static void move(long pid, Path source, Path directory) throws IOException {
        try {
            ControlFile.write(directory.resolve("cgroup.procs"), Long.toString(pid));
        } catch (IOException e) {
            if (processes(source).contains(pid)) {
                throw e;
            }
        }
    }

    /// @throws NoSuchFileException when there is no such directory; one below it may vanish meanwhile
    private static List<Long> numbers(Path directory, String file) throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (String line : ControlFile.lines(directory.resolve(file))) {
            numbers.add(Long.valueOf(line));
        }
        List<Path> below;
        try (Stream<Path> entries = Files.list(directory)) {
            below = entries.filter(Files::isDirectory).toList();
        }
        for (Path child : below) {
            try {
                numbers.addAll(numbers(child, file));
            } catch (NoSuchFileException e) {
                // With its last process gone it was removed.
                continue;
            }
        }
        return numbers;
    }
}
