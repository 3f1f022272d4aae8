package dev.slipway.actor.storage;

import dev.slipway.desired.reconcile.Delays;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.runtime.StorageUsage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Looks at the storage of pods that have limits.
///
/// Life: [#listen] once; then the rounds of each pod tell by [#watch] what it may write, and read [#excess] and
/// [#usage]. Whenever one of these changes, the listener hears the pod's uid.
///
/// ```
/// watch --> timer --> what is free? --> who can have exceeded, or is due? --> count files --> listener --> round
///             ^--------- shortest pause, while anybody is watched --------------'
/// ```
///
/// Thread-safe: pods are a concurrent map, each guards itself. One task at a time counts, so that counting never takes
/// more than one cpu. Calls for one pod come from its one worker.
public final class StorageWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StorageWatch.class);

    private final ContainerRuntime runtime;
    private final Schedule schedule;
    private final Pace pace;
    private final Map<PodUid, Watched> pods = new ConcurrentHashMap<>();
    private volatile Consumer<PodUid> listener = pod -> {};
    /// Null while nobody is watched. Guarded by this.
    private Delays.@Nullable Cancellation timer;

    private boolean closed;

    /// How often to look.
    ///
    /// @param shortest pause between two questions for what is free, and between two looks
    /// @param longest pause between two looks at a pod that changes nothing
    public record Pace(Duration shortest, Duration longest) {
        public static final Pace STANDARD = new Pace(Duration.ofSeconds(5), Duration.ofMinutes(5));
    }

    public StorageWatch(ContainerRuntime runtime, Schedule schedule, Pace pace) {
        this.runtime = runtime;
        this.schedule = schedule;
        this.pace = pace;
    }

    /// @param changed hears the uid of each pod whose excess or usage has changed; must return at once
    public void listen(Consumer<PodUid> changed) {
        listener = changed;
    }

    /// Tells what a pod may write from now on; [StorageLimits#NONE] for one that cannot write now.
    public void watch(PodUid pod, StorageLimits limits) {
        Watched known = pods.get(pod);
        if (known != null) {
            known.become(limits);
        } else if (!limits.isEmpty()) {
            pods.put(pod, new Watched(limits, pace));
        }
        if (!limits.isEmpty()) {
            arm();
        }
    }

    /// Which limit a pod has exceeded, in words for people, until it is forgotten.
    public Optional<String> excess(PodUid pod) {
        return Optional.ofNullable(pods.get(pod)).flatMap(Watched::excess);
    }

    /// What a pod used when it was noteworthy last; empty for one that was not looked at.
    public Optional<StorageUsage> usage(PodUid pod) {
        return Optional.ofNullable(pods.get(pod)).flatMap(Watched::told);
    }

    /// Nothing of the pod is left, or it will not run any more.
    public void forget(PodUid pod) {
        pods.remove(pod);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }

    private synchronized void arm() {
        if (timer == null && !closed) {
            timer = schedule.delays()
                    .after(pace.shortest(), () -> schedule.workers().execute(this::lookAtAll));
        }
    }

    private void lookAtAll() {
        try {
            long free = runtime.freeStorageBytes();
            for (Map.Entry<PodUid, Watched> pod : pods.entrySet()) {
                if (pod.getValue().isDue(schedule.steady().instant(), free)) {
                    look(pod.getKey(), pod.getValue());
                }
            }
        } catch (IOException e) {
            LOG.warnf("storage of pods could not be watched reason=%s", e.getMessage());
        } finally {
            // Whatever this look ended with, there is a next one.
            armAgain();
        }
    }

    private void armAgain() {
        synchronized (this) {
            timer = null;
        }
        if (pods.values().stream().anyMatch(Watched::isWatched)) {
            arm();
        }
    }

    private void look(PodUid pod, Watched watched) throws IOException {
        Instant begin = schedule.steady().instant();
        long free = runtime.freeStorageBytes();
        StorageUsage usage;
        try {
            usage = runtime.storage(pod);
        } catch (IOException e) {
            LOG.warnf("storage of a pod could not be counted pod=%s reason=%s", pod, e.getMessage());
            return;
        }
        Instant now = schedule.steady().instant();
        if (watched.see(usage, Duration.between(begin, now), free, now)) {
            listener.accept(pod);
        }
    }
}
