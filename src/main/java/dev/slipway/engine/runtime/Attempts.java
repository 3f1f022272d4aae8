package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.cgroup.Limits;
import dev.slipway.engine.cgroup.Placement;
import dev.slipway.engine.device.DeviceList;
import dev.slipway.engine.device.DeviceNodes;
import dev.slipway.engine.device.DeviceRule;
import dev.slipway.engine.device.DeviceRule.Access;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.ImageUsers;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.linux.MountEntry;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Found;
import dev.slipway.engine.shim.StartResult;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jboss.logging.Logger;

/// Makes, starts and forgets attempts of containers.
///
/// Thread-safe: what happens to one attempt happens under its [Run#transition].
final class Attempts {
    private static final Logger LOG = Logger.getLogger(Attempts.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration EXEC_LIMIT = Duration.ofSeconds(10);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final Set<String> OWN_DEVICES =
            Set.of("null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "pts", "shm", "mqueue");

    private final Records records;
    private final AttemptStorage storage;
    private final Cgroups cgroups;
    private final Supervision supervision;

    Attempts(Records records, AttemptStorage storage, Cgroups cgroups, Supervision supervision) {
        this.records = records;
        this.storage = storage;
        this.cgroups = cgroups;
        this.supervision = supervision;
    }

    /// Why nothing of a pod can be started or made now, after a while of waiting for it; empty if it can.
    Optional<StartOutcome> obstacle(PodUid pod) throws InterruptedException {
        try {
            supervision.awaitRelease(pod);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new StartOutcome.Failed(Supervision.words(e)));
        }
    }

    /// Starts `run`, which is then running; after another outcome nothing of it is left.
    ///
    /// @param pod with a whole sandbox
    StartOutcome start(Run run, ContainerRequest request, Pod pod) throws InterruptedException {
        long begun = System.nanoTime();
        boolean started = false;
        run.transition().lock();
        try {
            supervision.requireFree(run.container().pod());
            supervision.watch(run);
            records.write(run, Optional.empty());
            StartResult result = supervision.shims().start(spec(run, request, pod), START_LIMIT);
            if (result instanceof StartResult.Started now) {
                run.become(new ContainerState.Running(now.pid(), now.startedAt()));
                started = true;
            }
            return outcome(run, result, Duration.ofNanos(System.nanoTime() - begun));
        } catch (Sandboxes.RefusedException e) {
            return new StartOutcome.Refused(Supervision.words(e));
        } catch (IOException e) {
            return new StartOutcome.Failed(Supervision.words(e));
        } finally {
            if (!started) {
                undo(run);
            }
            run.transition().unlock();
        }
    }

    /// Starts one more process in an attempt, which is not frozen meanwhile.
    ExecResult exec(Run run, Command command) throws IOException, InterruptedException {
        run.presence().lock();
        try {
            if (run.state().orElseThrow() instanceof ContainerState.Running) {
                return supervision.shims().exec(run.id(), command, run.placement(cgroups), EXEC_LIMIT);
            }
            return new ExecResult.NotRunning(run.isAlive() ? "it is paused" : "it has ended");
        } finally {
            run.presence().unlock();
        }
    }

    /// Makes what [#start] needs.
    StartOutcome create(Run run, ContainerRequest request) {
        boolean created = false;
        run.transition().lock();
        try {
            supervision.requireFree(run.container().pod());
            records.write(run, Optional.empty());
            storage(request);
            ContainerState state = new ContainerState.Created();
            records.write(run, Optional.of(state));
            run.become(state);
            created = true;
            return new StartOutcome.Started(run.attempt().orElseThrow());
        } catch (Sandboxes.RefusedException e) {
            return new StartOutcome.Refused(Supervision.words(e));
        } catch (IOException e) {
            return new StartOutcome.Failed(Supervision.words(e));
        } finally {
            if (!created) {
                undo(run);
            }
            run.transition().unlock();
        }
    }

    /// Forgets an attempt that does not run, and the logs of those before it: a container that fails for ever must
    /// not fill the disk.
    void remove(Run run) throws IOException {
        run.transition().lock();
        try {
            storage.remove(run.container(), run.number());
            removeLogsBefore(run);
            records.forget(run.container(), run.number());
            supervision.unwatch(run);
        } finally {
            run.transition().unlock();
        }
    }

    private void removeLogsBefore(Run run) throws IOException {
        Path directory = records.files().logs(run.container());
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, log -> RuntimeFiles.attemptOfLog(log)
                    .filter(attempt -> attempt < run.number())
                    .isPresent())) {
                for (Path log : logs) {
                    Files.deleteIfExists(log);
                }
            }
        }
    }

    /// Takes up what a record and a shim tell of an attempt.
    ///
    /// @param found empty if no shim knows of it
    /// @return false if it had not got as far as being an attempt; then nothing is left of it
    boolean recover(Run run, Optional<Found> found) throws IOException {
        if (run.state().isPresent()) {
            if (found.isPresent()) {
                supervision.shims().forget(run.id());
            }
            Supervision.tidy(run, () -> cgroups.remove(run.cgroup()));
            return true;
        }
        switch (found.orElse(new Found.NotStarted(run.id(), "it has no shim"))) {
            case Found.Running running -> supervision.takeUp(run, running);
            case Found.NotStarted notStarted -> {
                LOG.infof("half-done start undone container=%s reason=%s", run, notStarted.why());
                if (found.isPresent()) {
                    supervision.shims().forget(run.id());
                }
                undo(run);
                return false;
            }
            case Found.Exited exited -> supervision.finish(run, exited);
            case Found.Lost lost -> supervision.finish(run, lost);
        }
        return true;
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
                    case PROGRAM -> new StartOutcome.NotExecuted(failed.words());
                    case NO_IDMAP ->
                        new StartOutcome.Unsupported(failed.words()
                                + "; with the users of the host (userNamespace.mode: Host of a Container,"
                                + " hostUsers: true of a Pod) it can be mounted");
                    case ENVIRONMENT -> new StartOutcome.Failed(failed.words());
                };
        };
    }

    private ContainerSpec spec(Run run, ContainerRequest request, Pod pod) throws IOException {
        SandboxRecord sandbox = pod.sandbox().orElseThrow(() -> new IOException("the pod's sandbox has gone"));
        requirePropagation(request, sandbox);
        Namespace processes = processes(request, pod, sandbox);
        AttemptStorage.Storage made = storage(request);
        Files.createDirectories(records.files().logs(request.container()));
        Placement placement = placement(run, request, sandbox);
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
                            request.security().privileged() ? devices() : List.of(),
                            processes),
                    records.files());
        } catch (IllegalArgumentException e) {
            throw new Sandboxes.RefusedException(e.getMessage());
        }
    }

    /// What the container mounts there must have a way to the host, and what the host mounts one to the container.
    ///
    /// @spec https://kubernetes.io/docs/concepts/storage/volumes/#mount-propagation Kubernetes: Mount propagation
    private static void requirePropagation(ContainerRequest request, SandboxRecord sandbox) throws IOException {
        for (ContainerRequest.VolumeMount mount : request.mounts()) {
            SandboxRecord.Source source = sandbox.volumes().get(mount.volume());
            if (source == null
                    || mount.propagation().isEmpty()
                    || mount.propagation().equals("None")) {
                continue;
            }
            Path path = source.path().toRealPath();
            MountEntry host = Mounts.of(path);
            boolean isBothWays = mount.propagation().equals("Bidirectional");
            if (!host.isShared() && (isBothWays || !host.isSlave())) {
                throw new Sandboxes.RefusedException(
                        "path %s is mounted on %s but it is not a %s mount, which mountPropagation %s of %s needs; mount --make-shared %s makes it one"
                                .formatted(
                                        path,
                                        host.point(),
                                        isBothWays ? "shared" : "shared or slave",
                                        mount.propagation(),
                                        mount.mountPath(),
                                        host.point()));
            }
        }
    }

    private Placement placement(Run run, ContainerRequest request, SandboxRecord sandbox) throws IOException {
        Limits limits = ContainerPlanner.limits(request.resources());
        return request.security().privileged()
                ? cgroups.create(run.cgroup(), limits)
                : cgroups.create(run.cgroup(), limits, allowed(request, sandbox));
    }

    /// Beside what every container may open, the devices that it mounts.
    private static DeviceList allowed(ContainerRequest request, SandboxRecord sandbox) throws IOException {
        List<DeviceRule> rules = new ArrayList<>();
        for (ContainerRequest.VolumeMount mount : request.mounts()) {
            SandboxRecord.Source source = sandbox.volumes().get(mount.volume());
            if (source != null && source.kind() == Mount.Kind.DEVICE) {
                boolean writes = mount.access() == ContainerRequest.Access.READ_WRITE;
                rules.add(DeviceNodes.rule(
                        source.path(), writes ? EnumSet.allOf(Access.class) : EnumSet.of(Access.READ)));
            }
        }
        return DeviceList.STANDARD.with(rules);
    }

    /// Who shares processes with one container does not lead a pid namespace, as if all of the pod shared them.
    private Namespace processes(ContainerRequest request, Pod pod, SandboxRecord sandbox) throws IOException {
        if (request.target().isEmpty() || !(sandbox.pidNamespace() instanceof Namespace.New)) {
            return sandbox.pidNamespace();
        }
        String name = request.target().get();
        Run target = pod.alive(name)
                .orElseThrow(() -> new IOException("target container \"%s\" is not running".formatted(name)));
        int pid = target.state()
                .map(ContainerState::process)
                .filter(OptionalInt::isPresent)
                .orElseThrow(() -> new IOException("target container \"%s\" has ended".formatted(name)))
                .getAsInt();
        return new Namespace.OfProcess(pid, target.placement(cgroups));
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
        supervision.unwatch(run);
        Supervision.tidy(run, () -> cgroups.kill(run.cgroup(), KILL_LIMIT));
        Supervision.tidy(run, () -> cgroups.remove(run.cgroup()));
        Supervision.tidy(run, () -> Files.deleteIfExists(records.files().log(run.container(), run.number())));
        Supervision.tidy(run, () -> remove(run));
    }
}
