package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Shims as the jar has them, of which one can be killed right before a system call of its own, or of its child while
/// that has not executed its program: `src/test/c/strike` tells how.
public final class StruckShims {
    private static final Path SOURCE = Path.of("src/test/c/strike/strike.c");
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path home;

    private StruckShims(Path home) {
        this.home = home;
    }

    /// From when a shim's calls are counted.
    public enum From {
        /// Since it is executed, with those of its child.
        BEGUN,
        /// Since its child has executed the program.
        EXECUTED
    }

    /// Puts itself in the place of an engine's shim; the next engine with this run directory executes it.
    ///
    /// @param home directory that the run directory lies in
    public static StruckShims of(Path home) throws IOException {
        Path program;
        try (Stream<Path> bin = Files.list(home.resolve("run/bin"))) {
            program = bin.filter(each -> each.getFileName().toString().startsWith("shim-"))
                    .findFirst()
                    .orElseThrow();
        }
        Path watcher = home.resolve("strike-program");
        run("cc", "-std=gnu11", "-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", watcher + "", SOURCE + "");
        Files.move(program, home.resolve("struck-program"));
        Files.move(watcher, program, StandardCopyOption.ATOMIC_MOVE);
        return new StruckShims(home);
    }

    /// Kills the next shim that is started, before its call number `call`.
    public void strike(From from, int call) throws IOException {
        Path aside = home.resolve("strike.next");
        Files.writeString(aside, from == From.BEGUN ? "begun " + call : "executed " + call);
        Files.move(aside, home.resolve("strike"), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Waits until the shim has been killed or has ended.
    ///
    /// @return before which call it was killed; empty if it had ended before
    public Optional<String> struck() throws IOException {
        Path report = home.resolve("struck");
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!Files.exists(report)) {
            assertTrue(System.nanoTime() < deadline, "no shim was killed, and none has ended");
            LockSupport.parkNanos(1_000_000);
        }
        String words = Files.readString(report).strip();
        Files.delete(report);
        assertTrue(words.startsWith("killed") || words.startsWith("ended"), words);
        return words.startsWith("killed") ? Optional.of(words) : Optional.empty();
    }

    private static void run(String... words) throws IOException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertEquals(0, process.waitFor(), output);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IOException(e);
        }
    }
}
