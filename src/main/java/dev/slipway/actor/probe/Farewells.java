package dev.slipway.actor.probe;

import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRuntime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Runs what a container wants to be run before it ends, then asks it to end. The time that the hook takes is taken
/// from the grace period, but a little is left for the container itself.
///
/// Thread-safe: what is under way is a concurrent set.
///
/// @spec https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/ Kubernetes: Container Lifecycle
///     Hooks
public final class Farewells {
    private static final Logger LOG = Logger.getLogger(Farewells.class);
    private static final Duration LEAST_GRACE = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Checker checker;
    private final ContainerRuntime runtime;
    private final EventRecorder recorder;
    private final Schedule schedule;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    public Farewells(Checker checker, ContainerRuntime runtime, EventRecorder recorder, Schedule schedule) {
        this.checker = checker;
        this.runtime = runtime;
        this.recorder = recorder;
        this.schedule = schedule;
    }

    /// A run that shall end.
    ///
    /// @param id of the run; another run of the same container is left alone
    /// @param signal to ask it by, after the hook
    public record Leaving(
            ContainerName container,
            String id,
            Check hook,
            String address,
            Involved about,
            int signal,
            Duration grace) {}

    /// Returns at once. Whoever comes again for the same run is in a hurry: then the hook is not waited for.
    public void begin(Leaving leaving) {
        boolean isFirst = underWay.add(leaving.id());
        schedule.workers().execute(() -> {
            if (isFirst) {
                afterHook(leaving);
            } else {
                stop(leaving, leaving.grace());
            }
        });
    }

    private void afterHook(Leaving leaving) {
        Instant begun = schedule.steady().instant();
        try {
            Checker.Target target = new Checker.Target(leaving.container(), leaving.address());
            Finding finding = checker.run(leaving.hook(), target, leaving.grace());
            if (!Prober.failure(finding).isEmpty() && isThere(leaving)) {
                // Without its output, in which there may be secrets.
                recorder.warning(leaving.about(), Reason.FAILED_PRE_STOP_HOOK, "PreStopHook failed");
            }
            Duration took = Duration.between(begun, schedule.steady().instant());
            stop(leaving, atLeast(leaving.grace().minus(took)));
        } catch (InterruptedException e) {
            // The engine ends; the next one begins again.
            Thread.currentThread().interrupt();
        } finally {
            underWay.remove(leaving.id());
        }
    }

    private static Duration atLeast(Duration grace) {
        return grace.compareTo(LEAST_GRACE) < 0 ? LEAST_GRACE : grace;
    }

    private void stop(Leaving leaving, Duration grace) {
        if (!isThere(leaving)) {
            return;
        }
        try {
            runtime.stop(leaving.container(), leaving.signal(), grace);
        } catch (IOException e) {
            LOG.warnf("container could not be asked to end container=%s: %s", leaving.container(), e.getMessage());
            schedule.delays().after(RETRY, () -> schedule.workers().execute(() -> stop(leaving, grace)));
        }
    }

    private boolean isThere(Leaving leaving) {
        return runtime.find(leaving.container().pod())
                .flatMap(pod -> pod.latest(leaving.container().name()))
                .filter(latest ->
                        latest.id().equals(leaving.id()) && latest.state().isAlive())
                .isPresent();
    }
}
