package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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

        lab.runtime().whileFrozen(List.of(POD, new PodUid("unknown")), () -> {
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
        IOException failed = assertThrows(IOException.class, () -> lab.runtime().whileFrozen(List.of(POD), () -> {
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
        lab.runtime().whileFrozen(List.of(POD), () -> {
            lab.runtime().stop(WEB, 9, Duration.ZERO);
            lab.awaitEnd(WEB, 0);
        });

        assertInstanceOf(ContainerState.Exited.class, lab.attempt(WEB, 0).state());
        assertInstanceOf(ContainerState.Running.class, lab.attempt(SIDE, 0).state());
    }
}
