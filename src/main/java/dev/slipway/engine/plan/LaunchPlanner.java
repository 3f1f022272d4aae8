package dev.slipway.engine.plan;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.ExecSpec;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.Stdio;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Opening;
import dev.slipway.engine.plan.Argument.Text;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/// Turns specs into plans.
///
/// ```
/// shim    enter the pid namespace, fork into the cgroup
/// child   join cgroups, then the other namespaces
///         open what comes from the host: bind sources, device nodes, layers
///         mount the root and change to it; the host is out of reach from here
///         enter the user namespace, if it has one ([UserSteps])
///         mount /proc, /sys, /dev; then the container's mounts; then hide what must not be seen
///         open the working directory; the root becomes read-only if it shall
///         take the streams, limits, groups, user, capabilities, filter
///         close what is not the process' own, execute
/// ```
public final class LaunchPlanner {
    /// So that `.99` behind it is a name still.
    private static final int LONGEST_LOG_NAME = 252;

    /// `struct event` of `monitor.c`: STARTED.
    private static final Argument.Bytes STARTED = new Argument.Bytes(
            ByteBuffer.allocate(32).order(ByteOrder.nativeOrder()).putInt(1).array(), "started");

    private static final Argument.Value OF_CONTAINER = Argument.flags(
            Constants.CLONE_NEWNS,
            Constants.CLONE_NEWCGROUP,
            Constants.CLONE_NEWUTS,
            Constants.CLONE_NEWIPC,
            Constants.CLONE_NEWNET);

    private LaunchPlanner() {}

    /// The plan of a container's first process.
    public static LaunchPlan container(ContainerSpec spec) {
        return container(spec, ProcessSteps::becomeAndExecute);
    }

    /// The plan of a process that keeps a new pid namespace for others and reaps in it, with all that keeps a
    /// container apart from the host. Of the spec's process the program is left out.
    public static LaunchPlan pidNamespace(ContainerSpec spec) {
        return container(spec, ProcessSteps::becomeAndReap);
    }

    private static LaunchPlan container(ContainerSpec spec, BiConsumer<ProcessSteps, Slot> lastSteps) {
        Tape tape = new Tape();
        openLog(tape, spec.log());
        NamespaceSteps namespaces = new NamespaceSteps(spec.namespaces());
        Argument cgroup = cgroup(tape, spec.cgroup());
        namespaces.beforeFork(tape);
        tape.add("start the process in its namespaces", Call.FORK, namespaces.cloneFlags(), cgroup);
        begin(tape, spec.process(), spec.cgroup());
        namespaces.afterFork(tape);
        UserSteps user = UserSteps.open(tape, spec.namespaces().user());
        Sources sources = Sources.open(tape, spec, user);
        RootSteps.enter(tape, spec.root(), user);
        user.namespace().ifPresent(entered -> {
            UserSteps.ownStreams(tape, spec.process(), entered.firstHostId());
            user.enter(tape, namespaces.flagsInUserNamespace());
        });
        namespaces.name(tape, spec.kernel().hostname());
        Slot root = openRoot(tape);
        new MountSteps(tape, root, sources).mountAll(spec);
        new KernelSteps(tape, root, sources).hide(spec);
        ProcessSteps process = new ProcessSteps(tape, root, spec.process());
        process.openStreams(true, user.isNew());
        Slot cwd = process.openWorkingDirectory();
        if (spec.root().readOnly()) {
            MountSteps.setAttributes(tape, "make / read-only", root, MountAttributes.READ_ONLY, false);
        }
        lastSteps.accept(process, cwd);
        return new LaunchPlan(tape.steps(), spec.process().stdio(), false);
    }

    /// The plan of one more process in a running container, for a shim that is given the container's first process.
    public static LaunchPlan exec(ExecSpec spec) {
        Tape tape = new Tape();
        Argument cgroup = cgroup(tape, spec.cgroup());
        Argument container = Argument.number(PlanWriter.TARGET);
        // Only children enter a pid namespace, so this comes before the fork.
        tape.add("enter the pid namespace", Call.SETNS, container, Constants.CLONE_NEWPID);
        tape.add("start the process", Call.FORK, Argument.number(0), cgroup);
        begin(tape, spec.process(), spec.cgroup());
        spec.firstHostId().ifPresent(first -> UserSteps.ownStreams(tape, spec.process(), first));
        tape.add(
                "enter the namespaces",
                Call.SETNS,
                container,
                spec.firstHostId().isPresent() ? Argument.flags(Constants.CLONE_NEWUSER, OF_CONTAINER) : OF_CONTAINER);
        if (spec.firstHostId().isPresent()) {
            UserSteps.becomeRoot(tape);
        }
        ProcessSteps process = new ProcessSteps(tape, openRoot(tape), spec.process());
        process.openStreams(false, spec.firstHostId().isPresent());
        process.becomeAndExecute(process.openWorkingDirectory());
        return new LaunchPlan(tape.steps(), spec.process().stdio(), true);
    }

    /// The plan of a shim that only makes a user namespace, with network and ipc namespaces that belong to it. It
    /// says so to its client, as if it had started a process, and holds them until the client hangs up.
    public static LaunchPlan userNamespace() {
        Tape tape = new Tape();
        tape.add(
                "make a user namespace",
                Call.UNSHARE,
                Argument.flags(Constants.CLONE_NEWUSER, Constants.CLONE_NEWNET, Constants.CLONE_NEWIPC));
        Argument listener = Argument.number(PlanWriter.LISTENER);
        tape.add("wait on the socket", Call.FCNTL, listener, Constants.F_SETFL, Argument.number(0));
        Slot client = tape.take(
                "client",
                "take the client",
                Call.ACCEPT4,
                listener,
                Constants.NULL,
                Constants.NULL,
                Constants.OPEN_TREE_CLOEXEC);
        tape.add("wait no more", Call.FCNTL, listener, Constants.F_SETFL, Constants.O_NONBLOCK);
        Argument scratch = new Argument.Scratch(0);
        tape.add("hear what it is", Call.READ, new From(client), scratch, Argument.number(1));
        tape.add(
                "say that they are made",
                Call.WRITE,
                new From(client),
                STARTED,
                Argument.number(STARTED.bytes().length));
        tape.add("wait until it hangs up", Call.READ, new From(client), scratch, Argument.number(1));
        return new LaunchPlan(tape.steps(), Stdio.OUTPUT_ONLY, false);
    }

    private static void openLog(Tape tape, LogSettings log) {
        Path directory = Objects.requireNonNull(log.file().getParent());
        String name = Objects.requireNonNull(log.file().getFileName()).toString();
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_LOG_NAME) {
            throw new IllegalArgumentException("name of the log leaves no room for a number: " + name);
        }
        tape.add(
                "open log " + log.file(),
                Call.LOG,
                new Text(directory.toString()),
                new Text(name),
                Argument.number(log.rotation().maxFiles()),
                Argument.number(log.rotation().maxSizeBytes()));
    }

    private static Argument cgroup(Tape tape, CgroupPlacement placement) {
        if (placement.unified().isEmpty()) {
            return Constants.NONE;
        }
        Path path = placement.unified().get();
        Slot slot = tape.slot("cgroup");
        tape.add(openHost("open cgroup " + path, path.toString(), OpenFlag.PATH, OpenFlag.DIRECTORY)
                .into(slot));
        return new From(slot);
    }

    /// What a child does first. It dies with its shim from here on.
    private static void begin(Tape tape, ProcessSpec process, CgroupPlacement cgroup) {
        ProcessSteps.dieWithShim(tape);
        tape.add("leave no permission bits out", Call.UMASK, Argument.number(0));
        tape.add("begin a session", Call.SETSID);
        leaveKeys(tape);
        Slot score = tape.slot("oom_score_adj");
        tape.add(openHost("open oom_score_adj", "/proc/self/oom_score_adj", OpenFlag.WRITE)
                .into(score));
        tape.add(write("set oom_score_adj to " + process.oomScoreAdj(), score, Integer.toString(process.oomScoreAdj()))
                .tolerating(Errno.EACCES, Errno.EPERM));
        process.privileges().appArmor().ifPresent(profile -> confine(tape, profile));
        cgroup.joined().forEach(directory -> join(tape, directory));
    }

    /// Whoever started the engine may have keys in its session keyring, which children inherit whatever their
    /// namespaces. A kernel without keys has nothing to leave.
    ///
    /// @spec https://man7.org/linux/man-pages/man7/session-keyring.7.html session-keyring(7)
    private static void leaveKeys(Tape tape) {
        tape.add(Step.of("leave the engine's keys", Call.KEYCTL, Constants.KEYCTL_JOIN_SESSION_KEYRING, Constants.NULL)
                .tolerating(Errno.ENOSYS, Errno.EDQUOT));
    }

    /// Takes effect when the program is executed; the host's `/proc`, in which nothing can be forged, is gone by
    /// then.
    private static void confine(Tape tape, String profile) {
        Slot attribute = tape.slot("apparmor");
        tape.add(openHost("open the AppArmor attribute", "/proc/thread-self/attr/apparmor/exec", OpenFlag.WRITE)
                .into(attribute));
        tape.add(write("confine the program by AppArmor profile " + profile, attribute, "exec " + profile));
    }

    /// A process of one thread that moves itself through `tasks` does not wait for the kernel's grace period.
    private static void join(Tape tape, Path directory) {
        Slot tasks = tape.slot("tasks");
        tape.add(openHost("open cgroup " + directory, directory.resolve("tasks").toString(), OpenFlag.WRITE)
                .into(tasks));
        tape.add(write("join cgroup " + directory, tasks, "0"));
    }

    private static Slot openRoot(Tape tape) {
        Slot root = tape.slot("root");
        tape.add(openHost("open /", "/", OpenFlag.PATH, OpenFlag.DIRECTORY).into(root));
        return root;
    }

    /// Opens a path that policy gave, as the process sees it now.
    static Step openHost(String words, String path, OpenFlag... flags) {
        return Step.of(
                words,
                Call.OPENAT2,
                Constants.CWD,
                new Text(path),
                new Opening(List.of(flags), 0, 0),
                Argument.number(24));
    }

    static Step write(String words, Slot file, String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return Step.of(words, Call.WRITE, new From(file), new Text(text), Argument.number(length));
    }

    /// Whether the container may mount as it likes anyway.
    static boolean mayMount(ProcessSpec process) {
        return process.privileges().capabilities().contains(Capability.SYS_ADMIN);
    }
}
