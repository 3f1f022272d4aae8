package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.cgroup.Placement;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.ImageUsers;
import dev.slipway.engine.linux.DeviceNodes;
import dev.slipway.engine.shim.ExitRecord;
import dev.slipway.engine.shim.Found;
import dev.slipway.engine.shim.Shims;
import dev.slipway.engine.shim.StartResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Starts, ends and forgets attempts of containers, and notes how they ended.
///
/// Thread-safe: what happens to one attempt happens under its [Run#transition].
final class Attempts implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Attempts.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(10);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final int SIGKILL = 9;
    private static final Set<String> OWN_DEVICES =
            Set.of("null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "pts", "shm", "mqueue");

    private final Records records;
    private final AttemptStorage storage;
    private final Cgroups cgroups;
    private final InstantSource clock;
    private final Executor background;
    private final Consumer<PodUid> changed;
    private final Shims shims;
    private final Map<ContainerId, Run> byId = new ConcurrentHashMap<>();
    /// Containers of which there is no record: as soon as they have ended they are forgotten.
    private final Set<ContainerId> strangers = ConcurrentHashMap.newKeySet();

    /// @param changed hears of each attempt that has ended
    Attempts(
            Records records,
            AttemptStorage storage,
            Cgroups cgroups,
            InstantSource clock,
            Executor background,
            Consumer<PodUid> changed) {
        this.records = records;
        this.storage = storage;
        this.cgroups = cgroups;
        this.clock = clock;
        this.background = background;
        this.changed = changed;
        this.shims = new Shims(records.files().run(), this::ended);
    }

    void open() throws IOException {
        shims.open();
        Files.createDirectories(records.files().empty());
    }

    @Override
    public void close() throws IOException {
        shims.close();
    }

    /// Starts `run`, which is then running; after another outcome nothing of it is left.
    StartOutcome start(Run run, ContainerRequest request, SandboxRecord sandbox) throws InterruptedException {
        long begun = System.nanoTime();
        boolean started = false;
        run.transition().lock();
        try {
            byId.put(run.id(), run);
            records.write(run, Optional.empty());
            StartResult result = shims.start(spec(run, request, sandbox), START_LIMIT);
            if (result instanceof StartResult.Started now) {
                run.become(new ContainerState.Running(now.pid(), now.startedAt()));
                started = true;
            }
            return outcome(run, result, Duration.ofNanos(System.nanoTime() - begun));
        } catch (Sandboxes.RefusedException e) {
            return new StartOutcome.Refused(words(e));
        } catch (IOException e) {
            return new StartOutcome.Failed(words(e));
        } finally {
            if (!started) {
                undo(run);
            }
            run.transition().unlock();
        }
    }

    /// Makes what [#start] needs.
    StartOutcome create(Run run, ContainerRequest request) {
        boolean created = false;
        run.transition().lock();
        try {
            records.write(run, Optional.empty());
            storage(request);
            ContainerState state = new ContainerState.Created();
            records.write(run, Optional.of(state));
            run.become(state);
            created = true;
            return new StartOutcome.Started(run.attempt().orElseThrow());
        } catch (Sandboxes.RefusedException e) {
            return new StartOutcome.Refused(words(e));
        } catch (IOException e) {
            return new StartOutcome.Failed(words(e));
        } finally {
            if (!created) {
                undo(run);
            }
            run.transition().unlock();
        }
    }

    void stop(Run run, int signal, Duration grace) throws IOException {
        if (signal == SIGKILL || grace.isZero() || grace.isNegative()) {
            endWithin(run, Duration.ZERO);
            return;
        }
        shims.signal(run.id(), signal);
        // The signal waits until it is thawed; were it thawed first, it could do something before it hears of it.
        resume(run);
        endWithin(run, grace);
    }

    void pause(Run run) throws IOException {
        run.transition().lock();
        try {
            if (run.state().orElseThrow() instanceof ContainerState.Running running) {
                cgroups.freeze(run.cgroup(), FREEZE_LIMIT);
                run.become(new ContainerState.Paused(running.pid(), running.startedAt()));
            }
        } finally {
            run.transition().unlock();
        }
    }

    void resume(Run run) throws IOException {
        run.transition().lock();
        try {
            if (run.state().orElseThrow() instanceof ContainerState.Paused paused) {
                cgroups.thaw(run.cgroup());
                run.become(new ContainerState.Running(paused.pid(), paused.startedAt()));
            }
        } finally {
            run.transition().unlock();
        }
    }

    /// Forgets an attempt that does not run.
    void remove(Run run) throws IOException {
        storage.remove(run.container(), run.number());
        records.forget(run.container(), run.number());
        byId.remove(run.id());
    }

    /// What earlier engines left in the kernel.
    Map<ContainerId, Found> adopt() throws IOException {
        Map<ContainerId, Found> found = new ConcurrentHashMap<>();
        shims.adopt().forEach(each -> found.put(each.id(), each));
        return found;
    }

    /// Takes up what a record and a shim tell of an attempt.
    ///
    /// @param found empty if no shim knows of it
    /// @return false if it had not got as far as being an attempt; then nothing is left of it
    boolean recover(Run run, Optional<Found> found) throws IOException {
        byId.put(run.id(), run);
        if (run.state().isPresent()) {
            if (found.isPresent()) {
                shims.forget(run.id());
            }
            tidy(run, () -> cgroups.remove(run.cgroup()));
            return true;
        }
        switch (found.orElse(new Found.NotStarted(run.id(), "it has no shim"))) {
            case Found.Running running -> {
                run.become(
                        cgroups.isFrozen(run.cgroup())
                                ? new ContainerState.Paused(running.pid(), running.startedAt())
                                : new ContainerState.Running(running.pid(), running.startedAt()));
                // It may have ended before it was known here.
                background.execute(() -> settle(run));
            }
            case Found.NotStarted notStarted -> {
                LOG.infof("half-done start undone container=%s reason=%s", run, notStarted.why());
                if (found.isPresent()) {
                    shims.forget(run.id());
                }
                undo(run);
                return false;
            }
            case Found.Exited exited -> finish(run, exited);
            case Found.Lost lost -> finish(run, lost);
        }
        return true;
    }

    /// Ends what runs without a record.
    void abandon(Found found) throws IOException {
        LOG.warnf("container without a record removed id=%s", found.id());
        if (found instanceof Found.Running) {
            strangers.add(found.id());
            shims.signal(found.id(), SIGKILL);
        } else {
            shims.forget(found.id());
        }
    }

    private StartOutcome outcome(Run run, StartResult result, Duration took) {
        return switch (result) {
            case StartResult.Started started -> {
                LOG.infof(
                        "container started pod=%s container=%s attempt=%d image=%s durationMs=%d",
                        run.container().pod(),
                        run.container().name(),
                        run.number(),
                        run.image().shortHex(),
                        took.toMillis());
                yield new StartOutcome.Started(run.attempt().orElseThrow());
            }
            case StartResult.Failed failed ->
                switch (failed.reason()) {
                    case PROGRAM -> new StartOutcome.Refused(failed.words());
                    case ENVIRONMENT -> new StartOutcome.Failed(failed.words());
                };
        };
    }

    private ContainerSpec spec(Run run, ContainerRequest request, SandboxRecord sandbox) throws IOException {
        AttemptStorage.Storage made = storage(request);
        Files.createDirectories(
                records.files().log(request.container(), request.attempt()).getParent());
        Placement placement = cgroups.create(run.cgroup(), ContainerPlanner.limits(request.resources()));
        try {
            return ContainerPlanner.plan(
                    request,
                    new ContainerPlanner.Parts(
                            run.id(),
                            sandbox,
                            made,
                            ImageUsers.of(made.lowers()),
                            new CgroupPlacement(placement.unified(), placement.classic()),
                            cgroups.classicNames(placement),
                            request.security().privileged() ? devices() : List.of()),
                    records.files());
        } catch (IllegalArgumentException e) {
            throw new Sandboxes.RefusedException(e.getMessage());
        }
    }

    /// Those of the host, but for what every container has its own of.
    private static List<String> devices() throws IOException {
        return DeviceNodes.except(OWN_DEVICES).stream().map(Path::toString).toList();
    }

    private AttemptStorage.Storage storage(ContainerRequest request) throws IOException {
        try {
            return storage.make(request);
        } catch (IllegalArgumentException e) {
            throw new Sandboxes.RefusedException(e.getMessage());
        }
    }

    /// What a start has made before it failed. What resists is removed when the engine starts again.
    private void undo(Run run) {
        byId.remove(run.id());
        tidy(run, () -> cgroups.kill(run.cgroup(), KILL_LIMIT));
        tidy(run, () -> cgroups.remove(run.cgroup()));
        tidy(run, () -> Files.deleteIfExists(records.files().log(run.container(), run.number())));
        tidy(run, () -> remove(run));
    }

    private void endWithin(Run run, Duration grace) {
        if (run.endWithin(grace)) {
            background.execute(() -> killInTime(run));
        }
    }

    private void killInTime(Run run) {
        try {
            while (run.awaitGrace()) {
                tidy(run, () -> cgroups.kill(run.cgroup(), KILL_LIMIT));
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
        } else if (strangers.remove(id)) {
            background.execute(() -> forget(id));
        }
    }

    /// Compares what is noted of an attempt with what its shim tells.
    private void settle(Run run) {
        run.transition().lock();
        try {
            Found found = find(run);
            if (run.isAlive() && !(found instanceof Found.Running)) {
                finish(run, found);
                changed.accept(run.container().pod());
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

    /// Notes the end, then frees what only a running container needs. The note comes first: an engine that is killed in
    /// between finds it and frees the rest.
    private void finish(Run run, Found found) {
        tidy(run, () -> cgroups.kill(run.cgroup(), KILL_LIMIT));
        ContainerState end = end(run, found);
        tidy(run, () -> records.write(run, Optional.of(end)));
        run.become(end);
        LOG.infof(
                "container ended pod=%s container=%s attempt=%d state=%s",
                run.container().pod(), run.container().name(), run.number(), end);
        tidy(run, () -> shims.forget(run.id()));
        tidy(run, () -> cgroups.remove(run.cgroup()));
    }

    private ContainerState end(Run run, Found found) {
        if (found instanceof Found.Exited(ContainerId id, ExitRecord exit)) {
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

    private void forget(ContainerId id) {
        try {
            shims.forget(id);
        } catch (IOException e) {
            LOG.warnf("run directory could not be removed id=%s reason=%s", id, words(e));
        }
    }

    /// One step of tidying up, which must not keep the next one from being done: what resists is removed when the
    /// engine starts again.
    private static void tidy(Run run, Step step) {
        try {
            step.take();
        } catch (IOException e) {
            LOG.warnf("container could not be tidied up container=%s reason=%s", run, words(e));
        }
    }

    @FunctionalInterface
    private interface Step {
        void take() throws IOException;
    }

    private static String words(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
}
