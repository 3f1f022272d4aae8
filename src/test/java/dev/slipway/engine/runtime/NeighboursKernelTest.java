package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A container that takes all it can get harms itself, and nobody beside it.
class NeighboursKernelTest {
    private static final ContainerName QUIET = new ContainerName(new PodUid("quiet"), "web");
    private static final ContainerName NOISY = new ContainerName(new PodUid("noisy"), "web");
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long MOST_OF_LOG_BYTES = 5L * (10 << 20);
    private static final long MOST_PIDS = 40;

    private RuntimeLab lab;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        lab.sandbox(Requests.sandbox(QUIET.pod()));
        lab.sandbox(Requests.sandbox(NOISY.pod()));
        lab.started(RuntimeLab.shell(QUIET, 0, "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.02; done"));
        lab.awaitLog(QUIET, 0, "tick");
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void who_writes_to_its_log_without_end_fills_no_disk_and_hides_nothing_of_others() throws Exception {
        lab.started(RuntimeLab.shell(NOISY, 0, "while true; do dd if=/dev/zero bs=65536 count=1600; done"));
        Path log = lab.runtime().log(NOISY, 0);
        RuntimeLab.await(() -> Files.exists(log.resolveSibling(log.getFileName() + ".4")));

        assertOthersGoOn();

        assertTrue(bytes(log.getParent()) <= MOST_OF_LOG_BYTES + (1 << 20), () -> bytes(log.getParent()) + " bytes");
        lab.runtime().stop(NOISY, 15, Duration.ZERO);
        assertInstanceOf(ContainerState.Exited.class, lab.awaitEnd(NOISY, 0).state());
        List<String> ticks = lab.log(QUIET, 0).lines().toList();
        assertEquals("tick " + ticks.size(), ticks.getLast(), "no line was lost");
    }

    @Test
    void who_forks_without_end_comes_to_its_own_limit() throws Exception {
        Resources few = new Resources(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(MOST_PIDS),
                0);
        String bomb = "(while true; do sleep 1000 & done); echo full; exec sleep 1000";
        lab.started(Requests.withResources(RuntimeLab.shell(NOISY, 0, bomb), few));
        lab.awaitLog(NOISY, 0, "full");

        assertOthersGoOn();

        assertTrue(lab.runtime().usage(NOISY).orElseThrow().pids() > MOST_PIDS / 2);
        lab.runtime().stop(NOISY, 15, Duration.ZERO);
        assertInstanceOf(ContainerState.Exited.class, lab.awaitEnd(NOISY, 0).state());
    }

    /// The other one is heard, a process is started in it, and another container.
    private void assertOthersGoOn() throws Exception {
        long ticks = ticks();
        RuntimeLab.await(() -> ticks() > ticks + 5);
        ExecResult result = lab.runtime().exec(QUIET, new Command(List.of("true"), false, false));
        try (var execution = assertInstanceOf(ExecResult.Running.class, result).execution()) {
            assertEquals(OptionalInt.of(0), execution.await(LIMIT));
        }
        ContainerName late = new ContainerName(QUIET.pod(), "late");
        assertEquals("here\n", lab.output(RuntimeLab.shell(late, 0, "echo here")));
    }

    private long ticks() {
        try {
            return lab.log(QUIET, 0).lines().count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long bytes(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
