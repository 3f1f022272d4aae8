package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.cgroup.CgroupUsage;
import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.network.PodNetworks;
import dev.slipway.engine.network.TakenException;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ContainerRoot;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import dev.slipway.engine.shim.PidNamespaces;
import dev.slipway.engine.shim.Streams;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.user.IdRanges;
import dev.slipway.engine.user.PodUsers;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.PodVolumes;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Pods on this host's kernel: joins layers, volumes, network, cgroups and shims.
///
/// Life: [#open] when everything in [Rooms] is open; [#recover] and [#retain] once; [#close] lets go of the containers,
/// which go on without the engine.
///
/// Thread-safe: the map of pods is concurrent, each [Pod] and [Run] guards itself.
public final class HostRuntime implements ContainerRuntime, AutoCloseable {
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    private final RuntimeFiles files;
    private final Rooms rooms;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Workers workers;
    private final Map<PodUid, Pod> pods = new ConcurrentHashMap<>();
    private final Set<PodUid> waitingForPort = ConcurrentHashMap.newKeySet();
    private volatile Consumer<PodUid> listener = pod -> {};
    private volatile @Nullable Opened opened;

    /// What the runtime joins; others open it before and close it afterwards.
    public record Rooms(
            Snapshots snapshots,
            PodVolumes podVolumes,
            ManagedVolumes volumes,
            PodNetworks networks,
            Cgroups cgroups) {}

    /// @param background runs short tasks, and waits for containers to end, off the callers' way: a thread a task
    /// @param filler makes again what was ready and was taken
    public record Workers(Executor background, Executor filler) {}

    /// What exists between [#open] and [#close].
    private record Opened(
            Supervision supervision,
            Attempts attempts,
            Sandboxes sandboxes,
            AttemptStorage storage,
            Records records,
            PodUsers users) {}

    /// @param random for ids of attempts
    public HostRuntime(RuntimeFiles files, Rooms rooms, InstantSource clock, RandomGenerator random, Workers workers) {
        this.files = files;
        this.rooms = rooms;
        this.clock = clock;
        this.random = random;
        this.workers = workers;
    }

    /// Places the launcher and starts listening to it.
    public void open() throws IOException {
        Records records = Records.ofThisBoot(files);
        AttemptStorage storage = new AttemptStorage(rooms, files.empty());
        Supervision supervision = new Supervision(
                records, rooms.cgroups(), clock, workers.background(), pod -> listener.accept(pod), this::lose);
        Attempts attempts = new Attempts(records, storage, rooms.cgroups(), supervision);
        records.makeDirectories();
        supervision.open();
        PodUsers users = new PodUsers(
                supervision.shims().userNamespaces(),
                IdRanges.ofHost(files.run()),
                rooms.networks()::prepare,
                workers.filler());
        Sandboxes sandboxes = new Sandboxes(records, rooms, users, new PidNamespaces(supervision.shims()));
        opened = new Opened(supervision, attempts, sandboxes, storage, records, users);
    }

    @Override
    public void close() throws IOException {
        Opened current = opened;
        if (current != null) {
            opened = null;
            try (Supervision _ = current.supervision()) {
                current.users().close();
            }
        }
    }

    @Override
    public void listen(Consumer<PodUid> changed) {
        listener = changed;
    }

    @Override
    public List<PodState> recover() throws IOException {
        Opened now = opened();
        new Recovery(now.records(), now.supervision(), now.attempts(), now.sandboxes(), now.storage(), rooms)
                .pods()
                .forEach(pod -> pods.put(pod.uid(), pod));
        now.users().settle();
        return list();
    }

    @Override
    public void retain(Set<PodUid> existing) throws IOException, InterruptedException {
        for (PodUid known : Set.copyOf(pods.keySet())) {
            if (!existing.contains(known)) {
                removePod(known);
            }
        }
        opened().storage().retain(existing);
        opened().sandboxes().retain(existing);
    }

    @Override
    public List<PodState> list() {
        return pods.values().stream().filter(Pod::isKnown).map(Pod::state).toList();
    }

    /// The first process of a pod's pid namespace has ended, with all others; or that before it, of that name.
    private void lose(ContainerId first) {
        Opened now = opened;
        for (Pod pod : pods.values()) {
            boolean isOfPod = Sandboxes.firstProcess(pod.uid()).equals(first);
            if (isOfPod && now != null && pod.lose(() -> now.sandboxes().isAlive(first))) {
                listener.accept(pod.uid());
            }
        }
    }

    @Override
    public Optional<PodState> find(PodUid pod) {
        return Optional.ofNullable(pods.get(pod)).filter(Pod::isKnown).map(Pod::state);
    }

    @Override
    public SandboxOutcome ensureSandbox(SandboxRequest request) throws InterruptedException {
        Pod pod = pods.computeIfAbsent(request.uid(), Pod::new);
        try {
            SandboxRecord made = opened().sandboxes().ensure(request, pod);
            pod.know(made, true);
            return new SandboxOutcome.Ready(made.describe());
        } catch (TakenException e) {
            waitingForPort.add(request.uid());
            return new SandboxOutcome.Refused(e.message(this::name));
        } catch (BindException | Sandboxes.RefusedException e) {
            return new SandboxOutcome.Refused(Supervision.words(e));
        } catch (IOException | IllegalArgumentException e) {
            return new SandboxOutcome.Failed(Supervision.words(e));
        }
    }

    private Optional<String> name(PodUid pod) {
        return Optional.ofNullable(pods.get(pod))
                .flatMap(Pod::knownSandbox)
                .map(sandbox -> sandbox.namespace() + "/" + sandbox.name());
    }

    @Override
    public StartOutcome start(ContainerRequest request) throws InterruptedException {
        return prepared(request, (run, pod) -> opened().attempts().start(run, request, pod));
    }

    @Override
    public StartOutcome create(ContainerRequest request) throws InterruptedException {
        return prepared(request, (run, pod) -> opened().attempts().create(run, request));
    }

    @Override
    public void stop(ContainerName container, int signal, Duration grace) throws IOException {
        Optional<Run> run = alive(container);
        if (run.isPresent()) {
            opened().supervision().stop(run.get(), signal, grace);
        }
    }

    @Override
    public void pause(ContainerName container) throws IOException {
        opened().supervision().pause(requireAlive(container, "pause"));
    }

    @Override
    public void resume(ContainerName container) throws IOException {
        opened().supervision().resume(requireAlive(container, "resume"));
    }

    @Override
    public void whileFrozen(Predicate<PodUid> frozen, FrozenWork work) throws IOException {
        opened().supervision().whileFrozen(new Pod.Users(frozen, pods.values()), work);
    }

    @Override
    public ExecResult exec(ContainerName container, Command command) throws IOException, InterruptedException {
        Optional<Run> run = alive(container);
        return run.isEmpty()
                ? new ExecResult.NotRunning("it is not running")
                : opened().attempts().exec(run.get(), command);
    }

    /// Sends a signal to a running container's first process; SIGKILL ends all its processes, also frozen ones.
    public void signal(ContainerName container, int signal) throws IOException {
        opened().supervision().signal(requireAlive(container, "signal"), signal);
    }

    /// Streams of a running container's first process, from now on.
    ///
    /// @throws IOException also when it is not running
    public Execution attach(ContainerName container, Streams wanted) throws IOException, InterruptedException {
        Run run = requireAlive(container, "attach to");
        return opened().supervision().shims().attach(run.id(), wanted);
    }

    /// Connects to a port of the pod's own loopback interface, by IPv4 or else by IPv6.
    ///
    /// @throws IOException also when nobody listens there, or the pod has no network
    public SocketChannel connect(PodUid uid, int port) throws IOException {
        return pod(uid).connect(port);
    }

    @Override
    public void update(ContainerName container, Resources resources) throws IOException {
        rooms.cgroups().update(requireAlive(container, "update").cgroup(), ContainerPlanner.limits(resources));
    }

    @Override
    public void remove(ContainerName container, int attempt) throws IOException {
        Pod pod = pods.get(container.pod());
        Optional<Run> run = pod == null ? Optional.empty() : pod.find(container.name(), attempt);
        if (pod != null && run.isPresent()) {
            if (run.get().isAlive()) {
                throw new IOException("remove %s: it is still running".formatted(run.get()));
            }
            opened().attempts().remove(run.get());
            pod.remove(run.get());
        }
    }

    @Override
    public void removePod(PodUid uid) throws IOException, InterruptedException {
        Opened now = opened();
        rooms.cgroups().kill(CgroupName.of(uid), KILL_LIMIT);
        for (Run run : pod(uid).runs()) {
            now.supervision().end(run);
            now.attempts().remove(run);
        }
        now.storage().remove(uid);
        now.sandboxes().remove(uid);
        pods.remove(uid);
        Set.copyOf(waitingForPort).stream().filter(waitingForPort::remove).forEach(listener);
    }

    @Override
    public Optional<ContainerState> awaitEnd(ContainerName container, int attempt, Duration limit)
            throws InterruptedException {
        Optional<Run> run = pod(container.pod()).find(container.name(), attempt);
        if (run.isPresent()) {
            run.get().awaitEnd(limit);
        }
        return run.flatMap(Run::state);
    }

    @Override
    public Optional<Path> written(ContainerName container, int attempt) {
        return opened().storage().written(container, attempt);
    }

    @Override
    public Optional<Path> kept(ContainerName container) {
        return opened().storage().kept(container);
    }

    @Override
    public Path log(ContainerName container, int attempt) {
        return files.log(container, attempt);
    }

    @Override
    public Optional<CgroupUsage> usage(ContainerName container) throws IOException {
        Optional<Run> run = alive(container);
        return run.isEmpty()
                ? Optional.empty()
                : rooms.cgroups().usage(run.get().cgroup());
    }

    /// What a running or paused container sees as `/`, to be closed by the caller.
    public ContainerRoot root(ContainerName container) throws IOException {
        Run run = requireAlive(container, "look into");
        return opened().supervision().shims().root(run.id(), run.placement(rooms.cgroups()));
    }

    /// The same of one that does not run, and cannot be started while that is open to be written.
    public ContainerRoot rootAtRest(ContainerName container, ContainerRequest.AtRest how) throws IOException {
        return opened().storage().atRest(() -> pod(container.pod()), container, how);
    }

    @Override
    public StorageUsage storage(PodUid uid) throws IOException {
        Pod pod = pods.get(uid);
        return pod == null ? StorageUsage.NOTHING : opened().storage().usage(pod, files);
    }

    @Override
    public long freeStorageBytes() throws IOException {
        return Files.getFileStore(files.root()).getUnallocatedSpace();
    }

    @Override
    public Counts counts() {
        return Counts.of(pods.values().stream()
                .flatMap(pod -> pod.runs().stream())
                .flatMap(run -> run.state().stream())
                .toList());
    }

    private interface Beginning {
        StartOutcome of(Run run, Pod pod) throws InterruptedException;
    }

    /// Enters an attempt into its pod for as long as it is something. One that was created before is replaced.
    private StartOutcome prepared(ContainerRequest request, Beginning beginning) throws InterruptedException {
        ContainerName name = request.container();
        Pod pod = pods.get(name.pod());
        if (pod == null || pod.sandbox().isEmpty()) {
            return new StartOutcome.Failed("start %s: its pod has no sandbox".formatted(name));
        }
        Optional<Run> before = pod.find(name.name(), request.attempt());
        if (pod.alive(name.name()).isPresent()
                || before.filter(run -> !(run.state().orElseThrow() instanceof ContainerState.Created))
                        .isPresent()) {
            return new StartOutcome.Failed(
                    "start %s: attempt %d, or one before it, was not removed".formatted(name, request.attempt()));
        }
        Optional<StartOutcome> obstacle = opened().attempts().obstacle(name.pod());
        if (obstacle.isPresent()) {
            return obstacle.get();
        }
        before.ifPresent(pod::remove);
        Run run = Run.of(request, ContainerId.random(random));
        pod.add(run);
        boolean begun = false;
        try {
            StartOutcome outcome = beginning.of(run, pod);
            begun = outcome instanceof StartOutcome.Started;
            return outcome;
        } finally {
            if (!begun) {
                pod.remove(run);
            }
        }
    }

    private Pod pod(PodUid uid) {
        return pods.getOrDefault(uid, new Pod(uid));
    }

    private Optional<Run> alive(ContainerName container) {
        return Optional.ofNullable(pods.get(container.pod())).flatMap(pod -> pod.alive(container.name()));
    }

    private Run requireAlive(ContainerName container, String verb) throws IOException {
        return alive(container)
                .orElseThrow(() -> new IOException("%s %s: it is not running".formatted(verb, container)));
    }

    private Opened opened() {
        Opened current = opened;
        if (current == null) {
            throw new IllegalStateException("the runtime is not open");
        }
        return current;
    }
}
