package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupUsage;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Pods without a kernel, for tests of what decides about them. A container runs until somebody ends it ([#exit],
/// [ContainerRuntime#stop]), unless the test says how it shall behave ([#behave]). Time passes only by [#advance].
///
/// What was asked for stands in [#calls], one line a call: `ensureSandbox <uid>`, `start <uid>/<container> <attempt>`.
/// Thread-safe: every method holds one lock.
public final class FakeRuntime implements ContainerRuntime {
    private static final int KILL = 9;
    private static final int SIGNALLED = 128;

    private final Map<PodUid, FakePod> pods = new TreeMap<>();
    private final List<String> calls = new ArrayList<>();
    private final List<ContainerRequest> started = new ArrayList<>();
    private Consumer<PodUid> listener = pod -> {};
    private Function<ContainerRequest, Behaviour> behaviour = request -> new Behaviour.Runs();
    private Function<SandboxRequest, SandboxOutcome> sandboxes =
            request -> new SandboxOutcome.Ready(new PodState.Sandbox("10.88.0.2"));
    public final FakeStorage disk = new FakeStorage();
    private Path logs = Path.of("/logs");
    private Instant now;
    private int pids = 1000;

    public FakeRuntime(Instant now) {
        this.now = now;
    }

    /// What a container does when it is started.
    public sealed interface Behaviour {
        /// Until a signal ends it.
        record Runs() implements Behaviour {}

        /// Until SIGKILL ends it.
        record IgnoresSignals() implements Behaviour {}

        /// Ends at once.
        record Exits(int code) implements Behaviour {}

        /// Is not started at all.
        record IsRefused(StartOutcome outcome) implements Behaviour {}
    }

    /// Where logs would be, for whoever puts something there.
    public synchronized void keepLogsIn(Path folder) {
        logs = folder;
    }

    public synchronized void behave(Function<ContainerRequest, Behaviour> rule) {
        behaviour = rule;
    }

    public synchronized void behaveSandboxes(Function<SandboxRequest, SandboxOutcome> rule) {
        sandboxes = rule;
    }

    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /// Every request that [#start] has started, in order.
    public synchronized List<ContainerRequest> started() {
        return List.copyOf(started);
    }

    /// The clock that states are stamped with.
    public InstantSource clock() {
        return () -> {
            synchronized (this) {
                return now;
            }
        };
    }

    /// Lets time pass: containers whose grace is over are killed.
    public synchronized void advance(Duration time) {
        now = now.plus(time);
        alive().filter(each -> each.deadline.filter(end -> !now.isBefore(end)).isPresent())
                .toList()
                .forEach(container -> end(container, SIGNALLED + KILL, KILL, false));
    }

    /// The container's program ends by itself.
    public synchronized void exit(ContainerName container, int code) {
        end(living(container), code, 0, false);
    }

    /// The kernel kills it for memory.
    public synchronized void killForMemory(ContainerName container) {
        end(living(container), SIGNALLED + KILL, KILL, true);
    }

    /// Its monitor vanishes.
    public synchronized void lose(ContainerName container) {
        living(container).become(new ContainerState.Lost(now));
        listener.accept(container.pod());
    }

    /// The pod's network namespace is removed from outside; its containers go on.
    public synchronized void loseSandbox(PodUid pod) {
        pods.get(pod).sandbox = Optional.empty();
        listener.accept(pod);
    }

    /// The host restarts: nothing runs and nothing is known.
    public synchronized void reboot() {
        pods.clear();
    }

    @Override
    public synchronized void listen(Consumer<PodUid> changed) {
        listener = changed;
    }

    @Override
    public synchronized List<PodState> recover() {
        calls.add("recover");
        return list();
    }

    @Override
    public synchronized void retain(Set<PodUid> existing) {
        calls.add("retain");
        pods.keySet().retainAll(existing);
    }

    @Override
    public synchronized List<PodState> list() {
        return pods.keySet().stream().flatMap(pod -> find(pod).stream()).toList();
    }

    @Override
    public synchronized Optional<PodState> find(PodUid pod) {
        return Optional.ofNullable(pods.get(pod))
                .map(found -> new PodState(pod, found.sandbox, attempts(found).toList()));
    }

    @Override
    public synchronized SandboxOutcome ensureSandbox(SandboxRequest request) {
        calls.add("ensureSandbox " + request.uid());
        SandboxOutcome outcome = sandboxes.apply(request);
        if (outcome instanceof SandboxOutcome.Ready ready) {
            pods.computeIfAbsent(request.uid(), uid -> new FakePod()).sandbox = Optional.of(ready.sandbox());
        }
        return outcome;
    }

    @Override
    public synchronized StartOutcome start(ContainerRequest request) {
        calls.add("start %s %d".formatted(request.container(), request.attempt()));
        Optional<StartOutcome> refusal = refusal(request);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Behaviour behaves = behaviour.apply(request);
        return switch (behaves) {
            case Behaviour.IsRefused refused -> refused.outcome();
            case Behaviour.Exits exits -> {
                FakePod.Container container = run(request, behaves);
                Attempt attempt = container.attempt;
                end(container, exits.code(), 0, false);
                yield new StartOutcome.Started(attempt);
            }
            case Behaviour.Runs runs -> new StartOutcome.Started(run(request, behaves).attempt);
            case Behaviour.IgnoresSignals ignores -> new StartOutcome.Started(run(request, behaves).attempt);
        };
    }

    @Override
    public synchronized StartOutcome create(ContainerRequest request) {
        calls.add("create %s %d".formatted(request.container(), request.attempt()));
        return refusal(request)
                .orElseGet(() -> new StartOutcome.Started(
                        put(request, new Behaviour.Runs(), new ContainerState.Created()).attempt));
    }

    @Override
    public synchronized void stop(ContainerName container, int signal, Duration grace) throws IOException {
        calls.add("stop %s %d %s".formatted(container, signal, grace));
        Optional<FakePod.Container> found = alive(container);
        if (found.isEmpty()) {
            return;
        }
        FakePod.Container living = found.get();
        if (signal == KILL || grace.isZero()) {
            end(living, SIGNALLED + KILL, KILL, false);
        } else if (living.behaviour instanceof Behaviour.IgnoresSignals) {
            living.resume();
            Instant deadline = now.plus(grace);
            if (living.deadline.filter(deadline::isAfter).isEmpty()) {
                living.deadline = Optional.of(deadline);
            }
        } else {
            end(living, SIGNALLED + signal, signal, false);
        }
    }

    @Override
    public synchronized void pause(ContainerName container) throws IOException {
        calls.add("pause " + container);
        FakePod.Container living = requireAlive(container, "pause");
        if (living.attempt.state() instanceof ContainerState.Running running) {
            living.become(
                    new ContainerState.Paused(running.pid(), running.startedAt(), ContainerState.Paused.Cause.ASKED));
        }
    }

    @Override
    public synchronized void resume(ContainerName container) throws IOException {
        calls.add("resume " + container);
        requireAlive(container, "resume").resume();
    }

    /// Nobody does anything meanwhile, because every method waits for its end.
    @Override
    public synchronized void whileFrozen(Predicate<PodUid> frozen, FrozenWork work) throws IOException {
        work.run();
    }

    @Override
    public synchronized void update(ContainerName container, Resources resources) throws IOException {
        calls.add("update " + container);
        requireAlive(container, "update");
    }

    /// Every further process ends well and says nothing.
    @Override
    public synchronized ExecResult exec(ContainerName container, Command command) {
        calls.add("exec %s %s".formatted(container, String.join(" ", command.argv())));
        boolean runs = alive(container)
                .filter(found -> found.attempt.state() instanceof ContainerState.Running)
                .isPresent();
        return runs
                ? new ExecResult.Running(new FakeExecution(0, ""))
                : new ExecResult.NotRunning("it is paused, or not running");
    }

    @Override
    public synchronized void remove(ContainerName container, int attempt) throws IOException {
        calls.add("remove %s %d".formatted(container, attempt));
        FakePod pod = pods.get(container.pod());
        FakePod.Container found = pod == null ? null : pod.containers.get(key(container.name(), attempt));
        if (found != null && found.attempt.state().isAlive()) {
            throw new IOException("remove %s: it is still running".formatted(container));
        }
        if (found != null) {
            pod.containers.remove(key(container.name(), attempt));
        }
    }

    @Override
    public synchronized void removePod(PodUid pod) {
        calls.add("removePod " + pod);
        pods.remove(pod);
    }

    /// From the state as it is: time passes only by [#advance].
    @Override
    public synchronized Optional<ContainerState> awaitEnd(ContainerName container, int attempt, Duration limit) {
        return pods.values().stream()
                .flatMap(FakeRuntime::attempts)
                .filter(each -> each.container().equals(container) && each.number() == attempt)
                .map(Attempt::state)
                .findFirst();
    }

    @Override
    public synchronized Optional<Path> written(ContainerName container, int attempt) {
        return Optional.empty();
    }

    @Override
    public synchronized Optional<Path> kept(ContainerName container) {
        return Optional.empty();
    }

    @Override
    public synchronized Path log(ContainerName container, int attempt) {
        return logs.resolve("%s/%d.log".formatted(container, attempt));
    }

    @Override
    public synchronized Optional<CgroupUsage> usage(ContainerName container) {
        return alive(container).map(each -> new CgroupUsage(Duration.ofSeconds(1), 1 << 20, 1));
    }

    @Override
    public synchronized StorageUsage storage(PodUid pod) {
        calls.add("storage " + pod);
        return disk.of(pod);
    }

    @Override
    public synchronized long freeStorageBytes() {
        return disk.freeBytes();
    }

    @Override
    public synchronized Counts counts() {
        return Counts.of(
                containers().map(container -> container.attempt.state()).toList());
    }

    private static Stream<Attempt> attempts(FakePod pod) {
        return pod.containers.values().stream().map(each -> each.attempt);
    }

    private Optional<StartOutcome> refusal(ContainerRequest request) {
        FakePod pod = pods.get(request.container().pod());
        if (pod == null || pod.sandbox.isEmpty()) {
            return Optional.of(
                    new StartOutcome.Failed("start %s: the pod has no sandbox".formatted(request.container())));
        }
        if (alive(request.container()).isPresent()) {
            return Optional.of(new StartOutcome.Failed("start %s: it is still running".formatted(request.container())));
        }
        return Optional.empty();
    }

    private FakePod.Container run(ContainerRequest request, Behaviour behaves) {
        started.add(request);
        return put(request, behaves, new ContainerState.Running(pids++, now));
    }

    private FakePod.Container put(ContainerRequest request, Behaviour behaves, ContainerState state) {
        ContainerName name = request.container();
        FakePod.Container container = new FakePod.Container(
                new Attempt(
                        name,
                        request.attempt(),
                        "%s-%s-%d".formatted(name.pod(), name.name(), request.attempt()),
                        request.image().digest(),
                        request.mounted(),
                        request.fingerprint(),
                        state),
                behaves);
        pods.get(name.pod()).containers.put(key(name.name(), request.attempt()), container);
        return container;
    }

    private void end(FakePod.Container container, int code, int signal, boolean oomKilled) {
        Instant startedAt =
                switch (container.attempt.state()) {
                    case ContainerState.Running running -> running.startedAt();
                    case ContainerState.Paused paused -> paused.startedAt();
                    case ContainerState.Created created -> throw new IllegalStateException("it was never started");
                    case ContainerState.Exited exited -> throw new IllegalStateException("it has ended already");
                    case ContainerState.Lost lost -> throw new IllegalStateException("it has ended already");
                };
        container.become(new ContainerState.Exited(code, signal, oomKilled, startedAt, now));
        container.deadline = Optional.empty();
        listener.accept(container.attempt.container().pod());
    }

    private FakePod.Container living(ContainerName container) {
        return alive(container).orElseThrow(() -> new IllegalStateException(container + " is not running"));
    }

    private FakePod.Container requireAlive(ContainerName container, String verb) throws IOException {
        return alive(container)
                .orElseThrow(() -> new IOException("%s %s: it is not running".formatted(verb, container)));
    }

    private Optional<FakePod.Container> alive(ContainerName container) {
        return alive().filter(each -> each.attempt.container().equals(container))
                .findFirst();
    }

    private Stream<FakePod.Container> alive() {
        return containers().filter(container -> container.attempt.state().isAlive());
    }

    private Stream<FakePod.Container> containers() {
        return pods.values().stream().flatMap(pod -> pod.containers.values().stream());
    }

    private static String key(String container, int attempt) {
        return container + "." + attempt;
    }
}
