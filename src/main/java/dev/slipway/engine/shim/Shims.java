package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.ExecSpec;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LockedDirectory;
import dev.slipway.engine.plan.Architecture;
import dev.slipway.engine.plan.LaunchPlan;
import dev.slipway.engine.plan.LaunchPlanner;
import dev.slipway.engine.plan.PlanWriter;
import dev.slipway.engine.shim.Launcher.Launched;
import dev.slipway.engine.shim.Launcher.Role;
import dev.slipway.engine.shim.RunDirectory.Outcome;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Starts containers, hears their ends, and finds them again after a restart of the engine.
///
/// Words: a *shim* is the small process that carries out one plan and then watches one container; its *run directory*
/// is `<run>/containers/<id>`.
///
/// Life: [#open] places the shim's binary and starts the reader thread; [#adopt] once, before the first start, tells
/// what earlier engines left; then [#start], [#signal], [#exec] and [#find] from any thread; [#forget] when the end of
/// a container has been noted elsewhere. [#close] lets go of the shims, which go on without the engine.
///
/// What a run directory says:
///
/// | `exit.json` | locked | `plan` | the container |
/// | --- | --- | --- | --- |
/// | yes | - | - | has ended, or did not start: the record says which |
/// | no | yes | - | its shim lives: it says over the socket whether the program is executed |
/// | no | no | yes | was never started: the engine died before its shim read the plan |
/// | no | no | no | is lost: its shim died without a record |
public final class Shims implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Shims.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration ADOPTION_LIMIT = Duration.ofSeconds(10);
    private static final int SIGKILL = 9;

    private final ShimFiles files;
    private final ExitListener listener;
    private final Map<ContainerId, ShimLink> links = new ConcurrentHashMap<>();
    private final AtomicLong execNumbers = new AtomicLong();
    private @Nullable ShimReader reader;
    private @Nullable Launcher launcher;

    /// @param run the engine's run directory, on a tmpfs: run directories must vanish when the host reboots
    public Shims(Path run, ExitListener listener) {
        this.files = new ShimFiles(run);
        this.listener = listener;
    }

    /// Places the binary as `<run>/bin/shim-<sha256>` and starts listening.
    public void open() throws IOException {
        var own = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(files.containers(), own);
        Files.createDirectories(files.execs(), own);
        launcher = new Launcher(ShimBinary.open(files.bin()));
        reader = ShimReader.start();
    }

    /// Reads every run directory, connects to the shims that live, and kills what a dead shim may have left.
    public List<Found> adopt() throws IOException {
        for (RunDirectory left : RunDirectory.all(files.execs())) {
            // Their processes have ended with the engine that asked for them.
            left.remove();
        }
        List<Found> found = new ArrayList<>();
        for (RunDirectory directory : RunDirectory.all(files.containers())) {
            if (directory.isHalf()) {
                directory.remove();
            } else {
                found.add(examine(new ContainerId(directory.path().getFileName().toString())));
            }
        }
        return found;
    }

    /// Starts a container and returns when its program has been executed or a step has failed; after a failure
    /// nothing is left of it.
    ///
    /// @param limit after it the start is given up and undone
    /// @throws IOException when the shim itself could not be started
    public StartResult start(ContainerSpec spec, Duration limit) throws IOException, InterruptedException {
        return start(spec, LaunchPlanner.container(spec), limit);
    }

    /// Starts a process that keeps a pid namespace for others; of the spec's own process the program is left out.
    public StartResult startPause(ContainerSpec spec, Duration limit) throws IOException, InterruptedException {
        return start(spec, LaunchPlanner.pidNamespace(spec), limit);
    }

    private StartResult start(ContainerSpec spec, LaunchPlan plan, Duration limit)
            throws IOException, InterruptedException {
        ContainerId id = spec.id();
        RunDirectory directory = files.container(id);
        directory.create(spec.cgroup(), PlanWriter.write(plan, Architecture.ofHost()));
        boolean started = false;
        try {
            directory.keepProcess(spec.process());
            Launched launched = launch(directory, spec);
            ShimLink link = new ShimLink(launched.control(), Optional.of(launched.shim()), () -> ended(id));
            links.put(id, link);
            reader().add(link);
            StartResult result = awaitStart(plan, link, directory, limit);
            started = result instanceof StartResult.Started;
            return result;
        } finally {
            if (!started) {
                links.remove(id);
                directory.remove();
            }
        }
    }

    private Launched launch(RunDirectory directory, ContainerSpec spec) throws IOException {
        Optional<Fd> target = Optional.empty();
        if (spec.namespaces().pid() instanceof Namespace.OfProcess process) {
            target = TargetProcess.hold(process.pid(), process.cgroup());
            if (target.isEmpty()) {
                throw new IOException("the process whose pid namespace is to be shared has ended");
            }
        }
        try {
            return launcher().launch(directory, spec.id().value(), EnumSet.of(Role.CONTROL), target);
        } finally {
            target.ifPresent(Fd::close);
        }
    }

    /// What is known of the container now.
    public Found find(ContainerId id) throws IOException {
        ShimLink link = links.get(id);
        if (link == null || link.hasEnded()) {
            return examine(id);
        }
        return link.started()
                .<Found>map(event -> new Found.Running(id, event.pid(), event.at()))
                .orElseGet(() -> new Found.NotStarted(id, "it is being started"));
    }

    /// Sends signal `number` to the container's first process; nothing happens if it has ended.
    public void signal(ContainerId id, int number) throws IOException {
        ShimLink link = links.get(id);
        if (link != null) {
            link.signal(number);
        }
    }

    /// Starts one more process in a running container, like its first but for the command.
    ///
    /// @param cgroup where it is placed
    public ExecResult exec(ContainerId id, Command command, CgroupPlacement cgroup, Duration limit)
            throws IOException, InterruptedException {
        ShimLink link = links.get(id);
        return link == null || !link.isRunning()
                ? Execs.NONE_RUNS
                : execs().run(
                                link.started().orElseThrow().pid(),
                                files.container(id).process(),
                                command,
                                cgroup,
                                limit);
    }

    /// Starts one more process in a running container.
    public ExecResult exec(ExecSpec spec, Duration limit) throws IOException, InterruptedException {
        if (links.values().stream().noneMatch(link -> link.isRunningAs(spec.pid()))) {
            throw new IOException("no container runs as process " + spec.pid());
        }
        return execs().run(spec, limit);
    }

    /// What a running container sees as `/`, to be closed by the caller.
    ///
    /// @param cgroup the container's
    public ContainerRoot root(ContainerId id, CgroupPlacement cgroup) throws IOException {
        ShimLink link = links.get(id);
        if (link == null || !link.isRunning()) {
            throw new IOException("container has ended: " + id);
        }
        return ContainerRoot.open(link.started().orElseThrow().pid(), cgroup);
    }

    /// Streams of a running container, from now on; closing them does not end it. What is asked for has to be read:
    /// a container waits for those who listen to it.
    public Execution attach(ContainerId id, Streams wanted) throws IOException, InterruptedException {
        Map<Role, SocketChannel> connections = Launcher.connect(files.container(id), Role.of(wanted));
        SocketChannel control = Objects.requireNonNull(connections.get(Role.CONTROL));
        ShimLink link = new ShimLink(control, Optional.empty(), () -> {});
        reader().add(link);
        RemoteExecution execution = new RemoteExecution(link, connections);
        if (!link.awaitStart(PATIENCE) || link.started().isEmpty()) {
            execution.close();
            throw new IOException("container does not run, or has too many clients: " + id);
        }
        return execution;
    }

    /// Removes the run directory of a container that has ended.
    public void forget(ContainerId id) throws IOException {
        ShimLink link = links.get(id);
        if (link != null && !link.hasEnded()) {
            throw new IllegalStateException("container has not ended: " + id);
        }
        links.remove(id);
        files.container(id).remove();
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
        }
        if (launcher != null) {
            launcher.program().close();
        }
    }

    /// Unless the program is executed, the shim is gone when this returns.
    static StartResult awaitStart(LaunchPlan plan, ShimLink link, RunDirectory directory, Duration limit)
            throws IOException, InterruptedException {
        boolean answered = false;
        try {
            answered = link.awaitStart(limit);
            if (answered && link.started().isPresent()) {
                ShimEvent.Started event = link.started().get();
                return new StartResult.Started(event.pid(), event.at());
            }
        } finally {
            if (link.started().isEmpty()) {
                giveUp(link, answered);
            }
        }
        if (!answered) {
            return StartFailures.late("execute the program", limit);
        }
        return link.failed()
                .map(event -> StartFailures.of(plan, event.step(), event.errno()))
                .orElseGet(StartFailures::unheard);
    }

    /// Ends a start.
    ///
    /// @param leaving whether the shim has said that it ends
    private static void giveUp(ShimLink link, boolean leaving) throws IOException, InterruptedException {
        if (!leaving) {
            link.signal(SIGKILL);
        }
        if (!link.awaitEnd(PATIENCE)) {
            link.killShim();
            link.awaitEnd(PATIENCE);
        }
    }

    /// Called on the reader's thread when the shim of a container is gone.
    private void ended(ContainerId id) {
        ShimLink link = links.get(id);
        if (link == null || link.started().isEmpty()) {
            return;
        }
        try {
            RunDirectory directory = files.container(id);
            if (directory.outcome().isEmpty()) {
                Remains.kill(directory.cgroups());
            }
        } catch (IOException e) {
            LOG.errorf(e, "what a dead shim left cannot be killed: container=%s", id);
        }
        listener.ended(id);
    }

    static void removeLeft(RunDirectory directory) {
        try {
            directory.remove();
        } catch (IOException e) {
            LOG.warnf(e, "a run directory stays: directory=%s", directory.path());
        }
    }

    /// Reads the table above.
    private Found examine(ContainerId id) throws IOException {
        RunDirectory directory = files.container(id);
        Optional<Found> recorded = recorded(id, directory);
        if (recorded.isPresent()) {
            return recorded.get();
        }
        if (!directory.exists()) {
            return new Found.NotStarted(id, "it has no run directory");
        }
        Optional<LockedDirectory> lock = LockedDirectory.open(directory.path());
        if (lock.isEmpty()) {
            return reconnect(id, directory);
        }
        try {
            // The shim may have recorded the end since we looked.
            Optional<Found> late = recorded(id, directory);
            return late.isPresent() ? late.get() : abandoned(id, directory);
        } finally {
            lock.get().close();
        }
    }

    private static Optional<Found> recorded(ContainerId id, RunDirectory directory) throws IOException {
        return directory.outcome().map(outcome -> switch (outcome) {
            case Outcome.Ended ended -> new Found.Exited(id, ended.exit());
            case Outcome.NotStarted failed ->
                new Found.NotStarted(
                        id, "step %d failed: %s".formatted(failed.step(), StartFailures.text(failed.errno())));
        });
    }

    private static Found abandoned(ContainerId id, RunDirectory directory) throws IOException {
        if (directory.hasPlan()) {
            return new Found.NotStarted(id, "the engine ended before the start");
        }
        Remains.kill(directory.cgroups());
        return new Found.Lost(id);
    }

    /// The start that an earlier engine began is waited for; if it takes long, nobody else will end it. Nor will
    /// anybody end a container whose shim cannot be reached, because somebody has removed its socket.
    private Found reconnect(ContainerId id, RunDirectory directory) throws IOException {
        SocketChannel control;
        try {
            control = Objects.requireNonNull(
                    Launcher.connect(directory, EnumSet.of(Role.CONTROL)).get(Role.CONTROL));
        } catch (IOException e) {
            LOG.debugf(e, "a shim does not answer: container=%s", id);
            Remains.end(directory, PATIENCE);
            return recorded(id, directory).orElse(new Found.Lost(id));
        }
        ShimLink link = new ShimLink(control, Optional.empty(), () -> ended(id));
        links.put(id, link);
        reader().add(link);
        try {
            if (!link.awaitStart(ADOPTION_LIMIT)) {
                giveUp(link, false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + id, e);
        }
        return link.started()
                .<Found>map(event -> new Found.Running(id, event.pid(), event.at()))
                .orElse(recorded(id, directory).orElse(new Found.NotStarted(id, "its start was given up")));
    }

    /// Makes user namespaces, while this is open.
    public UserNamespaces userNamespaces() {
        return new UserNamespaces(files, launcher(), reader());
    }

    private Execs execs() {
        return new Execs(files, launcher(), reader(), execNumbers);
    }

    private Launcher launcher() {
        return Objects.requireNonNull(launcher, "not open");
    }

    private ShimReader reader() {
        return Objects.requireNonNull(reader, "not open");
    }
}
