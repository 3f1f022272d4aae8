package dev.slipway.actor.probe;

import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Asks by a process in the container. So many at a time that a host full of pods goes on breathing; who has to wait is
/// not late yet.
final class ExecCheck {
    private static final Logger LOG = Logger.getLogger(ExecCheck.class);
    private static final int AT_A_TIME = 64;
    private static final Duration OUTPUT_LIMIT = Duration.ofSeconds(1);
    private static final int LONGEST_OUTPUT_BYTES = 10 * 1024;

    private final ContainerRuntime runtime;
    private final Executor readers;
    private final Semaphore permits = new Semaphore(AT_A_TIME, true);

    /// @param readers runs what reads the output of one process, each in a thread
    ExecCheck(ContainerRuntime runtime, Executor readers) {
        this.runtime = runtime;
        this.readers = readers;
    }

    Finding ask(Check.Exec check, ContainerName container, Duration timeout) throws InterruptedException {
        permits.acquire();
        try {
            return execute(check, container, timeout, (code, output) -> output);
        } finally {
            permits.release();
        }
    }

    /// As a hook: nobody waits for a turn, because the container waits for it.
    Finding run(Check.Exec check, ContainerName container, Duration timeout) throws InterruptedException {
        return execute(check, container, timeout, (code, output) -> "command '%s' exited with %d: %s, message: %s"
                .formatted(String.join(" ", check.command()), code, output, GoText.quoted(output)));
    }

    /// Words for a command that failed.
    private interface Words {
        String of(int code, String output);
    }

    private Finding execute(Check.Exec check, ContainerName container, Duration timeout, Words words)
            throws InterruptedException {
        try {
            return switch (runtime.exec(container, new Command(check.command(), false, false))) {
                case ExecResult.Running running -> await(check, running.execution(), timeout, words);
                case ExecResult.Refused refused ->
                    new Finding.Unknown(refused.failure().words());
                // It has just ended, or was frozen; both are told elsewhere.
                case ExecResult.NotRunning none -> new Finding.Unknown("");
            };
        } catch (IOException e) {
            return new Finding.Unknown(String.valueOf(e.getMessage()));
        }
    }

    private Finding await(Check.Exec check, Execution execution, Duration timeout, Words words)
            throws IOException, InterruptedException {
        try (execution) {
            Output output = new Output();
            readers.execute(() -> output.take(execution.stderr()));
            readers.execute(() -> output.take(execution.stdout()));
            OptionalInt code = execution.await(timeout);
            if (code.isEmpty()) {
                return new Finding.Unhealthy("command timed out: %s timed out after %s"
                        .formatted(GoText.quoted(String.join(" ", check.command())), GoText.duration(timeout)));
            }
            if (code.getAsInt() == 0) {
                return new Finding.Healthy();
            }
            // What it has left in the background may hold the streams for ever.
            output.ended.await(OUTPUT_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return new Finding.Unhealthy(words.of(code.getAsInt(), output.text()));
        }
    }

    /// What a process has said, its beginning. Thread-safe.
    private static final class Output {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CountDownLatch ended = new CountDownLatch(2);

        /// Reads to the end, so that nobody waits at a full pipe.
        void take(InputStream in) {
            byte[] buffer = new byte[1024];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    add(buffer, n);
                }
            } catch (IOException e) {
                // Its end has closed the stream; what came before it counts.
                LOG.debugf("output ended: %s", e.getMessage());
            } finally {
                ended.countDown();
            }
        }

        private synchronized void add(byte[] buffer, int count) {
            bytes.write(buffer, 0, Math.min(count, LONGEST_OUTPUT_BYTES - bytes.size()));
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
