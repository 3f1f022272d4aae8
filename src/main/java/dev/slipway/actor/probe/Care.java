package dev.slipway.actor.probe;

import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.runtime.ContainerRuntime;
import java.util.random.RandomGenerator;

/// All that is done for containers while they run and when they leave.
public record Care(Prober prober, Farewells farewells) implements AutoCloseable {
    /// @param random spreads the first checks of what an earlier engine has started
    public static Care of(
            Checker checker,
            ContainerRuntime runtime,
            EventRecorder recorder,
            Schedule schedule,
            RandomGenerator random) {
        return new Care(
                new Prober(checker, recorder, schedule, random), new Farewells(checker, runtime, recorder, schedule));
    }

    @Override
    public void close() {
        prober.close();
    }
}
