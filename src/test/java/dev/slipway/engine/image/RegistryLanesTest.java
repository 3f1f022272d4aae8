package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RegistryLanesTest {
    private final RegistryLanes lanes = new RegistryLanes(2, 2);
    private Thread last = Thread.currentThread();

    @Test
    void a_registry_at_its_limit_waits_until_one_of_its_own_transfers_ends() throws Exception {
        lanes.enter("slow");
        RegistryLanes.Lane second = lanes.enter("slow");
        FutureTask<RegistryLanes.Lane> third = entering("slow");

        lanes.enter("other").close();
        assertFalse(third.isDone());
        second.close();

        third.get(20, TimeUnit.SECONDS).close();
    }

    @Test
    void registries_that_have_all_shared_lanes_leave_each_other_one_its_own() throws Exception {
        for (String slow : new String[] {"one", "two"}) {
            lanes.enter(slow);
        }
        RegistryLanes.Lane shared = lanes.enter("one");
        lanes.enter("two");

        lanes.enter("three");
        FutureTask<RegistryLanes.Lane> more = entering("three");
        assertFalse(more.isDone());
        shared.close();

        more.get(20, TimeUnit.SECONDS);
    }

    @Test
    void who_is_interrupted_while_waiting_takes_no_lane_along() throws Exception {
        RegistryLanes.Lane first = lanes.enter("slow");
        RegistryLanes.Lane second = lanes.enter("slow");
        FutureTask<RegistryLanes.Lane> third = entering("slow");

        last.interrupt();

        ExecutionException failure = assertThrows(ExecutionException.class, () -> third.get(20, TimeUnit.SECONDS));
        assertInstanceOf(InterruptedIOException.class, failure.getCause());
        first.close();
        second.close();
        second.close();
        lanes.enter("slow");
        lanes.enter("slow");
        assertFalse(entering("slow").isDone());
    }

    /// Somebody who waits for a lane by now.
    private FutureTask<RegistryLanes.Lane> entering(String host) {
        FutureTask<RegistryLanes.Lane> task = new FutureTask<>(() -> lanes.enter(host));
        last = Thread.ofPlatform().daemon().start(task);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (last.getState() != Thread.State.WAITING && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertEquals(Thread.State.WAITING, last.getState());
        return task;
    }
}
