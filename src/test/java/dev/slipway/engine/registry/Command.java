package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
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
}
