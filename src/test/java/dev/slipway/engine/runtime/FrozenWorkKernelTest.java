package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Containers that are frozen for as long as something is done.
class FrozenWorkKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final ContainerName SIDE = new ContainerName(POD, "side");

    private final List<PodUid> changed = new CopyOnWriteArrayList<>();
    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        lab = RuntimeLab.open();
        lab.sandbox(Requests.sandbox(POD));
        lab.started(RuntimeLab.idle(WEB, 0));
        lab.started(RuntimeLab.idle(SIDE, 0));
        lab.runtime().listen(changed::add);
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void nobody_runs_while_the_work_is_done_and_each_goes_on_as_before() throws IOException {
        lab.runtime().pause(SIDE);
        List<ContainerState> during = new ArrayList<>();

        lab.runtime().whileFrozen(Set.of(POD, new PodUid("unknown"))::contains, () -> {
            lab.runtime().resume(WEB);
            during.add(lab.attempt(WEB, 0).state());
            during.add(lab.attempt(SIDE, 0).state());
        });

        during.forEach(state -> assertInstanceOf(ContainerState.Paused.class, state));
        assertInstanceOf(ContainerState.Running.class, lab.attempt(WEB, 0).state());
        assertInstanceOf(ContainerState.Paused.class, lab.attempt(SIDE, 0).state());
        assertEquals(List.of(POD, POD), changed, "who shows states hears of the beginning and the end");
    }

    @Test
    void a_failure_of_the_work_lets_them_go_on_too() throws IOException {
        IOException failed = assertThrows(IOException.class, () -> lab.runtime().whileFrozen(POD::equals, () -> {
            throw new IOException("disk full");
        }));

        assertEquals("disk full", failed.getMessage());
        assertInstanceOf(ContainerState.Running.class, lab.attempt(WEB, 0).state());
        lab.runtime().pause(WEB);
        lab.runtime().resume(WEB);
        assertInstanceOf(ContainerState.Running.class, lab.attempt(WEB, 0).state(), "it is held no more");
    }

    @Test
    void one_that_is_ended_meanwhile_ends() throws IOException {
        lab.runtime().whileFrozen(POD::equals, () -> {
            lab.runtime().stop(WEB, 9, Duration.ZERO);
            lab.awaitEnd(WEB, 0);
        });

        assertInstanceOf(ContainerState.Exited.class, lab.attempt(WEB, 0).state());
        assertInstanceOf(ContainerState.Running.class, lab.attempt(SIDE, 0).state());
    }

    @Test
    void who_is_paused_meanwhile_stays_so_and_who_is_resumed_again_does_not() throws IOException {
        lab.runtime().whileFrozen(POD::equals, () -> {
            lab.runtime().pause(WEB);
            lab.runtime().pause(SIDE);
            lab.runtime().resume(SIDE);
            assertInstanceOf(ContainerState.Paused.class, lab.attempt(SIDE, 0).state(), "it does not write yet");
        });

        assertInstanceOf(ContainerState.Paused.class, lab.attempt(WEB, 0).state());
        assertInstanceOf(ContainerState.Running.class, lab.attempt(SIDE, 0).state());
    }

    @Test
    void work_has_failed_when_one_is_asked_to_end_well_meanwhile() {
        IOException failed = assertThrows(IOException.class, () -> lab.runtime().whileFrozen(POD::equals, () -> {
            lab.runtime().stop(WEB, 15, Duration.ofSeconds(20));
            lab.awaitEnd(WEB, 0);
        }));

        assertEquals("a container was stopped meanwhile", failed.getMessage());
        assertInstanceOf(ContainerState.Running.class, lab.attempt(SIDE, 0).state());
    }

    @Test
    void nobody_starts_a_container_meanwhile_and_who_wanted_to_is_told_afterwards() throws Exception {
        PodUid late = new PodUid("late");
        ContainerName web = new ContainerName(late, "web");
        lab.sandbox(Requests.sandbox(late));
        lab.runtime().create(RuntimeLab.idle(web, 0));
        AtomicReference<StartOutcome> outcome = new AtomicReference<>();

        lab.runtime().whileFrozen(Set.of(POD, late)::contains, () -> {
            try {
                outcome.set(lab.runtime().start(RuntimeLab.idle(web, 0)));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });

        StartOutcome.Failed failed = assertInstanceOf(StartOutcome.Failed.class, outcome.get());
        assertEquals("what its pod has written is being copied", failed.message());
        assertTrue(changed.contains(late), changed.toString());
        assertInstanceOf(ContainerState.Created.class, lab.attempt(web, 0).state());
        lab.started(RuntimeLab.idle(web, 0));
    }

    @Test
    void a_start_waits_for_the_end_of_a_short_work() throws Exception {
        CountDownLatch isHeld = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        lab.runtime().stop(WEB, 9, Duration.ZERO);
        lab.awaitEnd(WEB, 0);
        lab.runtime().remove(WEB, 0);
        FutureTask<Boolean> holding = new FutureTask<>(() -> {
            lab.runtime().whileFrozen(POD::equals, () -> {
                isHeld.countDown();
                await(end);
            });
            return true;
        });
        Thread.ofPlatform().start(holding);
        await(isHeld);

        FutureTask<StartOutcome> start = new FutureTask<>(() -> lab.runtime().start(RuntimeLab.idle(WEB, 1)));
        Thread.ofPlatform().start(start);
        assertFalse(start.isDone());
        end.countDown();

        assertInstanceOf(StartOutcome.Started.class, start.get(20, TimeUnit.SECONDS));
        assertTrue(holding.get(20, TimeUnit.SECONDS));
    }

    @Test
    void an_engine_that_ends_leaves_nobody_frozen_and_the_work_has_failed() throws Exception {
        CountDownLatch isHeld = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        FutureTask<Boolean> holding = new FutureTask<>(() -> {
            lab.runtime().whileFrozen(POD::equals, () -> {
                isHeld.countDown();
                await(end);
            });
            return true;
        });
        Thread.ofPlatform().start(holding);
        await(isHeld);
        assertTrue(isFrozen(WEB));

        lab.whileDown(() -> {
            assertFalse(isFrozen(WEB));
            assertFalse(isFrozen(SIDE));
        });

        end.countDown();
        ExecutionException failed = assertThrows(ExecutionException.class, () -> holding.get(20, TimeUnit.SECONDS));
        assertEquals("the engine ended meanwhile", failed.getCause().getMessage());
        assertInstanceOf(ContainerState.Running.class, lab.attempt(WEB, 0).state());
    }

    /// Whoever decides whether a pod shall be paused resumes it, or leaves it so.
    @Test
    void what_a_killed_engine_left_frozen_is_found_paused_and_goes_on_when_it_is_resumed() throws Exception {
        lab.whileDown(() -> lab.cgroups().freeze(Run.cgroup(WEB, 0), Duration.ofSeconds(20)));

        ContainerState.Paused found = assertInstanceOf(
                ContainerState.Paused.class, lab.attempt(WEB, 0).state());
        assertFalse(found.isHeld(), "nobody would let go of it");
        lab.runtime().resume(WEB);
        assertFalse(isFrozen(WEB));
        assertInstanceOf(ContainerState.Running.class, lab.attempt(SIDE, 0).state());
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private boolean isFrozen(ContainerName container) throws IOException {
        return lab.cgroups().isFrozen(Run.cgroup(container, 0));
    }
}
