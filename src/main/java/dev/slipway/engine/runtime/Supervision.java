package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.runtime.ContainerState.Paused.Cause;
import dev.slipway.engine.shim.ExitRecord;
import dev.slipway.engine.shim.Found;
import dev.slipway.engine.shim.Shims;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Stops and freezes attempts that run, hears of their ends, and notes how they ended.
///
/// Thread-safe: what happens to one attempt happens under its [Run#transition].
final class Supervision implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Supervision.class);
    private static final Duration HELD_LIMIT = Duration.ofSeconds(10);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final int SIGKILL = 9;

    private final Records records;
    private final Cgroups cgroups;
    private final InstantSource clock;
    private final Executor background;
    private final Consumer<PodUid> changed;
    private final Consumer<ContainerId> others;
    private final Shims shims;
    private final Map<ContainerId, Run> byId = new ConcurrentHashMap<>();
    /// Containers of which there is no record: as soon as they have ended they are forgotten.
    private final Set<ContainerId> strangers = ConcurrentHashMap.newKeySet();
    /// Attempts that are frozen for somebody's work, each changed under its transition.
    private final Set<Run> held = ConcurrentHashMap.newKeySet();
    /// Pods that could not start a container for that.
    private final Set<PodUid> waiting = ConcurrentHashMap.newKeySet();

    private final ReentrantLock holding = new ReentrantLock();
    /// Written by who has `holding`, before it looks at runs; read under the transition of one that starts.
    private volatile Pod.@Nullable Users holder;
    /// Why what is done is not of one moment.
    private volatile String torn = "";

    /// @param background runs short tasks and waits for containers to end
    /// @param changed hears of each attempt that has ended, and of those that are frozen for a while
    /// @param others hears of what has ended and is no attempt
    Supervision(
            Records records,
            Cgroups cgroups,
            InstantSource clock,
            Executor background,
            Consumer<PodUid> changed,
            Consumer<ContainerId> others) {
        this.records = records;
        this.cgroups = cgroups;
        this.clock = clock;
        this.background = background;
        this.changed = changed;
        this.others = others;
        this.shims = new Shims(records.files().run(), this::ended);
    }

    void open() throws IOException {
        shims.open();
    }

    /// Lets go of those that are held: nobody would for as long as no engine runs.
    @Override
    public void close() throws IOException {
        torn = "the engine ended meanwhile";
        try {
            release();
        } finally {
            shims.close();
        }
    }

    Shims shims() {
        return shims;
    }

    /// From now on its end is heard of.
    void watch(Run run) {
        byId.put(run.id(), run);
    }

    void unwatch(Run run) {
        byId.remove(run.id());
    }

    /// What earlier engines left in the kernel.
    Map<ContainerId, Found> adopt() throws IOException {
        Map<ContainerId, Found> found = new ConcurrentHashMap<>();
        shims.adopt().forEach(each -> found.put(each.id(), each));
        return found;
    }

    /// Takes up what a shim tells of an attempt that was started by an earlier engine.
    void takeUp(Run run, Found.Running found) throws IOException {
        watch(run);
        run.become(
                cgroups.isFrozen(run.cgroup())
                        ? new ContainerState.Paused(found.pid(), found.startedAt(), Cause.ASKED)
                        : new ContainerState.Running(found.pid(), found.startedAt()));
        // It may have ended before it was watched.
        background.execute(() -> settle(run));
    }

    /// Ends what runs without a record.
    void abandon(Found found) throws IOException {
        LOG.warnf("container without a record removed id=%s", found.id());
        if (found instanceof Found.Running) {
            strangers.add(found.id());
            shims.signal(found.id(), SIGKILL);
            // It may have ended before it was one of the strangers.
            background.execute(() -> forgetStranger(found.id()));
        } else {
            shims.forget(found.id());
        }
    }

    void stop(Run run, int signal, Duration grace) throws IOException {
        if (signal == SIGKILL || grace.isZero() || grace.isNegative()) {
            endWithin(run, Duration.ZERO);
            return;
        }
        shims.signal(run.id(), signal);
        // The signal waits until it is thawed; were it thawed first, it could do something before it hears of it.
        if (held.remove(run)) {
            torn = "a container was stopped meanwhile";
        }
        run.thaw(cgroups);
        endWithin(run, grace);
    }

    void signal(Run run, int signal) throws IOException {
        if (signal == SIGKILL) {
            endWithin(run, Duration.ZERO);
        } else {
            shims.signal(run.id(), signal);
        }
    }

    /// One that is held stays frozen when it is let go of.
    void pause(Run run) throws IOException {
        run.freeze(cgroups, Cause.ASKED);
    }

    /// One that is held goes on when it is let go of, and not before.
    void resume(Run run) throws IOException {
        run.transition().lock();
        try {
            if (held.contains(run)) {
                run.hold();
            } else {
                run.thaw(cgroups);
            }
        } finally {
            run.transition().unlock();
        }
    }

    /// Freezes those that run, does `work`, and lets them go on, but for those that somebody has paused meanwhile.
    /// None of these pods starts a container until then. If one that is held is stopped, so that it can end well,
    /// or the engine closes, the work has failed.
    ///
    /// @param users asked when nobody else holds any
    void whileFrozen(Pod.Users users, ContainerRuntime.FrozenWork work) throws IOException {
        holding.lock();
        try {
            torn = "";
            holder = users;
            for (Run run : users.runs()) {
                hold(run);
            }
            held.forEach(run -> changed.accept(run.container().pod()));
            work.run();
            if (!torn.isEmpty()) {
                throw new IOException(torn);
            }
        } finally {
            holder = null;
            try {
                release();
            } finally {
                holding.unlock();
            }
        }
    }

    private void hold(Run run) throws IOException {
        run.transition().lock();
        try {
            if (run.freeze(cgroups, Cause.HELD)) {
                held.add(run);
            }
        } finally {
            run.transition().unlock();
        }
    }

    /// Waits while a pod is held.
    ///
    /// @throws IOException when it still is after a while
    void awaitRelease(PodUid pod) throws IOException, InterruptedException {
        if (isHeld(pod) && holding.tryLock(HELD_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            holding.unlock();
        }
        requireFree(pod);
    }

    /// @throws IOException when a pod is held; else it is not before the caller's [Run#transition] is over
    void requireFree(PodUid pod) throws IOException {
        if (isHeld(pod)) {
            waiting.add(pod);
            throw new IOException("what its pod has written is being copied");
        }
    }

    private boolean isHeld(PodUid pod) {
        Pod.Users now = holder;
        return now != null && now.contains(pod);
    }

    private void release() throws IOException {
        IOException failure = null;
        for (Run run : Set.copyOf(held)) {
            held.remove(run);
            try {
                run.letGo(cgroups);
            } catch (IOException e) {
                failure = e;
            }
            changed.accept(run.container().pod());
        }
        for (PodUid pod : Set.copyOf(waiting)) {
            waiting.remove(pod);
            changed.accept(pod);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void endWithin(Run run, Duration grace) {
        run.endWithin(grace, () -> background.execute(() -> killInTime(run)));
    }

    /// Kills every process of an attempt. Where somebody has taken them out of its cgroup, the first takes the
    /// others along.
    private void kill(Run run) throws IOException {
        cgroups.kill(run.cgroup(), KILL_LIMIT);
        shims.signal(run.id(), SIGKILL);
    }

    /// Kills every process of an attempt and waits for its end.
    void end(Run run) throws IOException, InterruptedException {
        kill(run);
        if (!run.awaitEnd(KILL_LIMIT)) {
            throw new IOException("end container %s: it was killed and does not end".formatted(run));
        }
    }

    private void killInTime(Run run) {
        try {
            while (run.awaitGrace()) {
                tidy(run, () -> kill(run));
                run.awaitEnd(KILL_LIMIT);
            }
        } catch (InterruptedException e) {
            // The engine ends; the next one is asked again.
            Thread.currentThread().interrupt();
        }
    }

    private void ended(ContainerId id) {
        Run run = byId.get(id);
        if (run != null) {
            background.execute(() -> settle(run));
        } else if (strangers.contains(id)) {
            background.execute(() -> forgetStranger(id));
        } else {
            background.execute(() -> others.accept(id));
        }
    }

    /// Compares what is noted of an attempt with what its shim tells.
    private void settle(Run run) {
        run.transition().lock();
        try {
            Found found = find(run);
            if (run.isAlive() && !(found instanceof Found.Running)) {
                try {
                    finish(run, found);
                } finally {
                    changed.accept(run.container().pod());
                }
            }
        } finally {
            run.transition().unlock();
        }
    }

    private Found find(Run run) {
        try {
            return shims.find(run.id());
        } catch (IOException e) {
            LOG.warnf("end of a container could not be read container=%s reason=%s", run, words(e));
            return new Found.Lost(run.id());
        }
    }

    /// Notes the end, then frees what only a running container needs. The note comes first: an engine that is
    /// killed in between finds it and frees the rest.
    void finish(Run run, Found found) {
        tidy(run, () -> cgroups.kill(run.cgroup(), KILL_LIMIT));
        ContainerState end = end(run, found);
        boolean isNoted = tidy(run, () -> records.write(run, Optional.of(end)));
        run.become(end);
        LOG.infof(
                "container ended pod=%s container=%s attempt=%d state=%s",
                run.container().pod(), run.container().name(), run.number(), end);
        if (isNoted) {
            // Else the next engine learns the end from the shim's record, as this one did.
            tidy(run, () -> shims.forget(run.id()));
        }
        tidy(run, () -> cgroups.remove(run.cgroup()));
    }

    private ContainerState end(Run run, Found found) {
        if (found instanceof Found.Exited(ContainerId id, ExitRecord exit)) {
            if (exit.logDroppedBytes() > 0) {
                LOG.warnf(
                        "output was lost because the log could not be written container=%s bytes=%d",
                        run, exit.logDroppedBytes());
            }
            return new ContainerState.Exited(
                    exit.exitCode(), exit.signal(), wasKilledForMemory(run), exit.startedAt(), exit.finishedAt());
        }
        return new ContainerState.Lost(clock.instant());
    }

    /// Its cgroup is new with each attempt, so every kill that it counts is one of this attempt.
    private boolean wasKilledForMemory(Run run) {
        try {
            return cgroups.oomKills(run.cgroup()) > 0;
        } catch (IOException e) {
            LOG.warnf("kills for memory could not be counted container=%s reason=%s", run, words(e));
            return false;
        }
    }

    private void forgetStranger(ContainerId id) {
        try {
            if (!(shims.find(id) instanceof Found.Running) && strangers.remove(id)) {
                shims.forget(id);
            }
        } catch (IOException e) {
            LOG.warnf("run directory could not be removed id=%s reason=%s", id, words(e));
        }
    }

    /// One step of tidying up, which must not keep the next one from being done: what resists is removed when the
    /// engine starts again.
    ///
    /// @return whether it is done
    static boolean tidy(Run run, Step step) {
        try {
            step.take();
            return true;
        } catch (IOException e) {
            LOG.warnf("container could not be tidied up container=%s reason=%s", run, words(e));
            return false;
        }
    }

    @FunctionalInterface
    interface Step {
        void take() throws IOException;
    }

    static String words(Exception e) {
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
}
