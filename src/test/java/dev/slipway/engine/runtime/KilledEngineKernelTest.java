package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.snapshot.SnapshotKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/// A process with the real runtime is killed at a random moment while it starts and ends containers; another one finds
/// what runs, and removes the rest.
class KilledEngineKernelTest {
    private static final int LONGEST_LIFE_MILLIS = 1000;

    private Path home;

    @BeforeEach
    void make() throws IOException {
        home = Files.createTempDirectory("slwrun");
    }

    @AfterEach
    void remove() throws IOException {
        if (Files.exists(home)) {
            RuntimeLab.open(home).close();
        }
    }

    @RepeatedTest(4)
    void what_a_killed_engine_left_is_found_or_removed(RepetitionInfo repetition) throws Exception {
        runAndKill(new Random(repetition.getCurrentRepetition()).nextInt(LONGEST_LIFE_MILLIS));

        try (RuntimeLab lab = RuntimeLab.open(home)) {
            List<Attempt> attempts = lab.runtime().list().stream()
                    .flatMap(pod -> pod.attempts().stream())
                    .toList();
            assertEquals(pods(lab), lab.cgroups().pods());
            assertEquals(podsWithUsers(lab), HostCount.of(lab).claims());
            // One that was being removed may have lost its layer already.
            assertTrue(keys(attempts).containsAll(lab.snapshots().writables()));
            RuntimeLab.await(() -> lab.runtime().counts().running() == runDirectories(lab));
            for (Attempt attempt : attempts) {
                // It may be just ending: the killed engine has asked some to.
                RuntimeLab.await(() -> isTrue(lab.attempt(attempt.container(), attempt.number())));
            }

            lab.runtime().retain(Set.of());

            assertEquals(List.of(), lab.runtime().list());
            assertEquals(Set.of(), lab.cgroups().pods());
            assertEquals(0, HostCount.of(lab).claims());
            assertEquals(Set.of(), lab.snapshots().writables());
            assertEquals(0, runDirectories(lab));
        }
    }

    private void runAndKill(int millis) throws Exception {
        Process engine = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EngineToKill.class.getName(),
                        home.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals("ready", engine.inputReader().readLine());
        boolean ended = engine.waitFor(millis, TimeUnit.MILLISECONDS);
        assertTrue(!ended, "the engine ended by itself");
        engine.destroyForcibly();
        engine.waitFor();
    }

    /// A container that is said to run does.
    private static boolean isTrue(Attempt attempt) {
        return switch (attempt.state()) {
            case ContainerState.Running running ->
                ProcessHandle.of(running.pid()).map(ProcessHandle::isAlive).orElse(false);
            // By itself, or because its pod was being removed.
            case ContainerState.Exited exited -> Set.of(0, 5, 137).contains(exited.exitCode());
            case ContainerState.Created created -> false;
            case ContainerState.Paused paused -> false;
            case ContainerState.Lost lost -> false;
        };
    }

    private static Set<PodUid> pods(RuntimeLab lab) {
        return lab.runtime().list().stream().map(PodState::uid).collect(Collectors.toSet());
    }

    private static long podsWithUsers(RuntimeLab lab) {
        return lab.runtime().list().stream()
                .flatMap(pod -> pod.sandbox().stream())
                .filter(sandbox -> sandbox.users().isPresent())
                .count();
    }

    private static Set<SnapshotKey> keys(List<Attempt> attempts) {
        Set<SnapshotKey> keys = new HashSet<>();
        attempts.forEach(attempt -> keys.add(new SnapshotKey("%s.%s.%d"
                .formatted(attempt.container().pod(), attempt.container().name(), attempt.number()))));
        return keys;
    }

    private static long runDirectories(RuntimeLab lab) {
        try (Stream<Path> entries = Files.list(lab.run().resolve("containers"))) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
