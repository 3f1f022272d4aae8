package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/// What every runtime promises.
abstract class ContainerRuntimeContractTest {
    static final PodUid POD = new PodUid("6f1c7d1e-0000-4000-8000-000000000001");
    static final ContainerName WEB = new ContainerName(POD, "web");
    private static final int TERM = 15;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofMillis(300);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Set<PodUid> told = ConcurrentHashMap.newKeySet();

    abstract ContainerRuntime runtime();

    /// Something moves on while a test waits.
    abstract void passTime();

    /// Waits until the program of a container hears signals.
    abstract void awaitReady(ContainerName container, int attempt);

    /// Ends with 128 + 15 when it is told to.
    abstract ContainerRequest running(ContainerName container, int attempt);

    /// Ends only by SIGKILL.
    abstract ContainerRequest stubborn(ContainerName container, int attempt);

    abstract ContainerRequest exiting(ContainerName container, int attempt, int code);

    /// Its program is not in the image.
    abstract ContainerRequest impossible(ContainerName container, int attempt);

    @Test
    void a_pod_is_known_from_its_sandbox_to_its_removal() throws Exception {
        assertEquals(Optional.empty(), runtime().find(POD));

        sandbox();

        assertTrue(runtime().find(POD).orElseThrow().sandbox().isPresent());
        assertEquals(1, runtime().list().size());
        runtime().removePod(POD);
        assertEquals(Optional.empty(), runtime().find(POD));
        runtime().removePod(POD);
    }

    @Test
    void making_a_sandbox_again_changes_nothing() throws Exception {
        PodState.Sandbox first = sandbox();

        PodState.Sandbox second = sandbox();

        assertEquals(first, second);
    }

    @Test
    void a_further_process_is_executed_only_where_something_runs() throws Exception {
        sandbox();
        Command command = new Command(List.of("true"), false, false);
        assertInstanceOf(ExecResult.NotRunning.class, runtime().exec(WEB, command));
        started(running(WEB, 0));
        awaitReady(WEB, 0);

        ExecResult result = runtime().exec(WEB, command);

        try (Execution execution =
                assertInstanceOf(ExecResult.Running.class, result).execution()) {
            assertEquals(OptionalInt.of(0), execution.await(LIMIT));
        }
        runtime().pause(WEB);
        assertInstanceOf(ExecResult.NotRunning.class, runtime().exec(WEB, command));
    }

    @Test
    void nothing_starts_without_a_sandbox() throws Exception {
        assertInstanceOf(StartOutcome.Failed.class, runtime().start(running(WEB, 0)));
    }

    @Test
    void a_started_container_runs_until_it_is_stopped() throws Exception {
        sandbox();
        ContainerRequest request = running(WEB, 0);

        Attempt attempt = started(request);

        assertInstanceOf(ContainerState.Running.class, attempt.state());
        assertEquals(request.fingerprint(), attempt.fingerprint());
        assertEquals(request.image().digest(), attempt.image());
        assertEquals(attempt, latest());
        assertEquals(1, runtime().counts().running());
        assertTrue(runtime().usage(WEB).isPresent());
        runtime().stop(WEB, TERM, LONG);
        ContainerState.Exited exited = awaitExit();
        assertEquals(128 + TERM, exited.exitCode());
        assertEquals(1, runtime().counts().exited());
        assertTrue(runtime().usage(WEB).isEmpty());
        runtime().stop(WEB, TERM, LONG);
    }

    @Test
    void an_exit_is_told_with_its_code() throws Exception {
        sandbox();
        runtime().listen(told::add);

        started(exiting(WEB, 0, 7));

        ContainerState.Exited exited = awaitExit();
        assertEquals(7, exited.exitCode());
        assertEquals(0, exited.signal());
        assertFalse(exited.oomKilled());
        assertFalse(exited.finishedAt().isBefore(exited.startedAt()));
        await(() -> told.contains(POD));
    }

    @Test
    void a_program_that_is_not_there_is_refused_and_leaves_nothing() throws Exception {
        sandbox();

        StartOutcome outcome = runtime().start(impossible(WEB, 0));

        assertInstanceOf(StartOutcome.NotExecuted.class, outcome);
        assertEquals(List.of(), runtime().find(POD).orElseThrow().attempts());
        started(running(WEB, 0));
    }

    @Test
    void a_container_is_started_once() throws Exception {
        sandbox();
        started(running(WEB, 0));

        assertInstanceOf(StartOutcome.Failed.class, runtime().start(running(WEB, 1)));
    }

    @Test
    void each_attempt_is_kept_until_it_is_removed() throws Exception {
        sandbox();
        started(exiting(WEB, 0, 1));
        awaitExit();
        started(exiting(WEB, 1, 2));
        assertEquals(2, awaitExit().exitCode());
        assertEquals(2, runtime().find(POD).orElseThrow().attempts().size());

        runtime().remove(WEB, 0);

        assertEquals(1, runtime().find(POD).orElseThrow().attempts().size());
        runtime().remove(WEB, 0);
    }

    @Test
    void what_runs_is_not_removed() throws Exception {
        sandbox();
        started(running(WEB, 0));

        assertThrows(IOException.class, () -> runtime().remove(WEB, 0));
    }

    @Test
    void a_created_container_waits_for_its_start() throws Exception {
        sandbox();

        StartOutcome.Started created =
                assertInstanceOf(StartOutcome.Started.class, runtime().create(running(WEB, 0)));

        assertInstanceOf(ContainerState.Created.class, created.attempt().state());
        assertEquals(created.attempt(), latest());
        assertEquals(1, runtime().counts().created());
        started(running(WEB, 0));
        assertEquals(1, runtime().find(POD).orElseThrow().attempts().size());
        assertEquals(new ContainerRuntime.Counts(0, 1, 0, 0, 0), runtime().counts());
    }

    @Test
    void a_paused_container_stands_still_and_goes_on() throws Exception {
        sandbox();
        Attempt attempt = started(running(WEB, 0));
        ContainerState.Running running = (ContainerState.Running) attempt.state();

        runtime().pause(WEB);

        assertEquals(
                new ContainerState.Paused(running.pid(), running.startedAt(), ContainerState.Paused.Cause.ASKED),
                latest().state());
        runtime().pause(WEB);
        assertEquals(1, runtime().counts().paused());
        runtime().resume(WEB);
        assertEquals(running, latest().state());
        runtime().resume(WEB);
    }

    @Test
    void a_paused_container_is_stopped() throws Exception {
        sandbox();
        started(running(WEB, 0));
        runtime().pause(WEB);

        runtime().stop(WEB, TERM, LONG);

        assertEquals(128 + TERM, awaitExit().exitCode());
    }

    @Test
    void only_what_runs_is_paused() throws Exception {
        sandbox();
        started(exiting(WEB, 0, 0));
        awaitExit();

        assertThrows(IOException.class, () -> runtime().pause(WEB));
    }

    @Test
    void what_does_not_end_is_killed_after_its_grace() throws Exception {
        sandbox();
        started(stubborn(WEB, 0));

        runtime().stop(WEB, TERM, GRACE);

        ContainerState.Exited exited = awaitExit();
        assertFalse(exited.finishedAt().isBefore(exited.startedAt().plus(GRACE)), exited::toString);
        assertEquals(128 + 9, exited.exitCode());
        assertEquals(9, exited.signal());
    }

    @Test
    void a_second_stop_shortens_the_grace_and_never_lengthens_it() throws Exception {
        sandbox();
        started(stubborn(WEB, 0));

        runtime().stop(WEB, TERM, LONG);
        runtime().stop(WEB, TERM, Duration.ofMillis(100));
        runtime().stop(WEB, TERM, LONG);

        assertEquals(9, awaitExit().signal());
    }

    @Test
    void removing_a_pod_ends_what_runs() throws Exception {
        sandbox();
        started(stubborn(WEB, 0));
        started(running(new ContainerName(POD, "side"), 0));
        runtime().pause(WEB);

        runtime().removePod(POD);

        assertEquals(List.of(), runtime().list());
        assertEquals(new ContainerRuntime.Counts(0, 0, 0, 0, 0), runtime().counts());
    }

    @Test
    void pods_that_do_not_exist_any_more_are_removed() throws Exception {
        PodUid other = new PodUid("other");
        sandbox();
        runtime().ensureSandbox(Requests.sandbox(other));
        started(running(WEB, 0));

        runtime().retain(Set.of(other));

        assertEquals(
                List.of(other), runtime().list().stream().map(PodState::uid).toList());
        runtime().removePod(other);
    }

    final PodState.Sandbox sandbox() throws InterruptedException {
        return assertInstanceOf(SandboxOutcome.Ready.class, runtime().ensureSandbox(Requests.sandbox(POD)))
                .sandbox();
    }

    final Attempt started(ContainerRequest request) throws InterruptedException {
        Attempt attempt = assertInstanceOf(StartOutcome.Started.class, runtime().start(request))
                .attempt();
        awaitReady(request.container(), request.attempt());
        return attempt;
    }

    final Attempt latest() {
        return runtime().find(POD).orElseThrow().latest("web").orElseThrow();
    }

    final ContainerState.Exited awaitExit() {
        await(() -> !latest().state().isAlive());
        return assertInstanceOf(ContainerState.Exited.class, latest().state());
    }

    final void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not happen within " + LIMIT);
            passTime();
        }
    }
}
