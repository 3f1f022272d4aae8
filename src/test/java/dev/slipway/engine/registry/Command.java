package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs another program to its end, for tests that need real peers.
public final class Command {
    private Command() {}

    /// Runs `words`; a program that fails or takes more than a minute is an [AssertionError] with what it said.
    ///
    /// @return what it said
    public static String run(String... words) {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(List.of(words) + " failed: " + said);
            }
            return said;
        } catch (IOException e) {
            throw new AssertionError(List.of(words) + " could not be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Runs a shell line.
    ///
    /// @return what it said, without white space around it
    public static String sh(String line) {
        return sh(line, Path.of("/"));
    }

    /// Runs a shell line with `path` as `$0`.
    public static String sh(String line, Path path) {
        return run("sh", "-c", line, path.toString()).strip();
    }
}
