package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs every example as its README tells users to: an engine watches a copy of the folder, the commands of
/// `expect.txt`
/// are typed, and what they print is compared. A line in slashes is a regular expression that must be found in one
/// printed line; other lines must appear as they are, in order.
///
/// A command is typed again until its output fits, for up to 30 seconds, because the host follows in its own time.
/// Commands that change something (`slipway delete|stop|start`, `sed`) are typed once.
///
/// Examples wait more than they work, so a few run side by side, each with its own engine; their ports differ.
class ExamplesIT {
    private static final Path EXAMPLES = Path.of("examples");
    private static final int SIDE_BY_SIDE = 3;

    private static final Map<String, Future<?>> RUNS = new LinkedHashMap<>();
    private static ExecutorService runners;

    @BeforeAll
    static void start_all() throws IOException {
        runners = Executors.newFixedThreadPool(SIDE_BY_SIDE);
        examples().forEach(name -> RUNS.put(name, runners.submit(() -> run(name))));
    }

    @AfterAll
    static void stop_all() {
        runners.close();
    }

    @ParameterizedTest
    @MethodSource("examples")
    @DisplayName("S03 S07 S09 S14 S30 S31 S33 S43 S45 S49 S50 S53 an example shows what its README says")
    void an_example_shows_what_its_readme_says(String name) throws Throwable {
        try {
            RUNS.get(name).get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    private static Void run(String name) throws IOException {
        Path copy = Files.createTempDirectory(Path.of("/tmp"), "example");
        try (Stream<Path> files = Files.list(EXAMPLES.resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        Optional<Path> prepare = preparation(copy);
        if (prepare.isPresent()) {
            run(prepare.get()).orFail();
        }
        try (EngineProcess engine = EngineProcess.start(copy)) {
            for (Exchange exchange : exchanges(copy.resolve("expect.txt"))) {
                exchange.type(engine, copy);
            }
        } finally {
            if (prepare.isPresent()) {
                run(prepare.get(), "stop").orFail();
            }
            Ran.run(new ProcessBuilder("rm", "-rf", copy.toString()), "").orFail();
        }
        return null;
    }

    /// What an example's README has users start beside the engine, and stop at the end.
    private static Optional<Path> preparation(Path example) throws IOException {
        try (Stream<Path> files = Files.list(example)) {
            return files.filter(file -> file.toString().endsWith(".sh")).findFirst();
        }
    }

    private static Ran run(Path script, String... words) {
        ProcessBuilder process = new ProcessBuilder(script.toString());
        process.command().addAll(List.of(words));
        process.environment().merge("PATH", EngineProcess.SLIPWAY.getParent() + ":", (path, first) -> first + path);
        return Ran.run(process, "");
    }

    @Test
    void every_example_has_a_readme_of_commands_and_an_expectation() throws IOException {
        for (String name : examples().toList()) {
            Path folder = EXAMPLES.resolve(name);
            assertFalse(exchanges(folder.resolve("expect.txt")).isEmpty(), name);
            long lines = Files.readString(folder.resolve("README.md")).lines().count();
            assertEquals(Math.clamp(lines, 5, 20), lines, name + "/README.md has 5 to 20 lines");
        }
    }

    static Stream<String> examples() throws IOException {
        try (Stream<Path> folders = Files.list(EXAMPLES)) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> name.matches("\\d\\d-.*"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static List<Exchange> exchanges(Path file) throws IOException {
        List<Exchange> exchanges = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("$ ")) {
                exchanges.add(new Exchange(line.substring(2), new ArrayList<>()));
            } else if (!line.isBlank()) {
                exchanges.getLast().expected().add(line);
            }
        }
        return exchanges;
    }

    /// A command and what it shall print.
    private record Exchange(String command, List<String> expected) {
        void type(EngineProcess engine, Path folder) {
            if (command.matches("slipway (delete|stop|start|pause|resume|kill|restart) .*|sed .*|curl .*")) {
                Ran ran = engine.shell(folder, command);
                if (ran.code() != 0 || !fits(ran.out())) {
                    fail("expected " + expected + " from " + ran.text() + engine.diary());
                }
            } else {
                engine.await(command + " to print " + expected, () -> {
                    Ran ran = engine.shell(folder, command);
                    return ran.code() == 0 && fits(ran.out());
                });
            }
        }

        private boolean fits(String printed) {
            List<String> left = new ArrayList<>(printed.lines().toList());
            for (String line : expected) {
                int at = -1;
                for (int i = 0; i < left.size() && at < 0; i++) {
                    at = matches(line, left.get(i)) ? i : -1;
                }
                if (at < 0) {
                    return false;
                }
                left = left.subList(at + 1, left.size());
            }
            return true;
        }

        private static boolean matches(String expected, String printed) {
            return expected.startsWith("/") && expected.endsWith("/")
                    ? printed.matches(".*" + expected.substring(1, expected.length() - 1) + ".*")
                    : printed.equals(expected);
        }
    }
}
