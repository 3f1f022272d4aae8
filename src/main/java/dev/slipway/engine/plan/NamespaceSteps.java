package dev.slipway.engine.plan;

import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Makes and enters namespaces.
///
/// @spec https://man7.org/linux/man-pages/man7/namespaces.7.html namespaces(7)
record NamespaceSteps(Namespaces wanted) {
    private static final int IFREQ_BYTES = 40;
    private static final int IFREQ_FLAGS_OFFSET = 16;
    private static final short IFF_UP = 1;

    /// A pid namespace is entered by children only.
    void beforeFork(Tape tape) {
        enter(tape, "pid", wanted.pid(), Constants.CLONE_NEWPID);
    }

    /// With a user namespace, uts and ipc come later, so that they belong to that. The cgroup namespace is not
    /// among them: its root is where the process is when it is made, and the child joins its cgroups first.
    Value cloneFlags() {
        List<Value> flags = new ArrayList<>(List.of(Constants.CLONE_NEWNS));
        addIfNew(flags, wanted.pid(), Constants.CLONE_NEWPID);
        if (wanted.user().isEmpty()) {
            addIfNew(flags, wanted.uts(), Constants.CLONE_NEWUTS);
            addIfNew(flags, wanted.ipc(), Constants.CLONE_NEWIPC);
        }
        addIfNew(flags, wanted.net(), Constants.CLONE_NEWNET);
        return Argument.flags(flags.toArray(Value[]::new));
    }

    void afterFork(Tape tape) {
        enter(tape, "net", wanted.net(), Constants.CLONE_NEWNET);
        enter(tape, "ipc", wanted.ipc(), Constants.CLONE_NEWIPC);
        enter(tape, "uts", wanted.uts(), Constants.CLONE_NEWUTS);
        enter(tape, "cgroup", wanted.cgroup(), Constants.CLONE_NEWCGROUP);
        if (wanted.user().isEmpty() && isNew(wanted.cgroup())) {
            tape.add("make a cgroup namespace", Call.UNSHARE, Constants.CLONE_NEWCGROUP);
        }
        if (isNew(wanted.net())) {
            raiseLoopback(tape);
        }
    }

    /// What is made in the user namespace, by its root.
    Value flagsInUserNamespace() {
        List<Value> flags =
                new ArrayList<>(List.of(Constants.CLONE_NEWNS, Constants.CLONE_NEWCGROUP, Constants.CLONE_NEWUTS));
        addIfNew(flags, wanted.ipc(), Constants.CLONE_NEWIPC);
        return Argument.flags(flags.toArray(Value[]::new));
    }

    void name(Tape tape, String hostname) {
        if (isNew(wanted.uts()) && !hostname.isEmpty()) {
            int length = hostname.getBytes(StandardCharsets.UTF_8).length;
            tape.add("set the hostname", Call.SETHOSTNAME, new Argument.Text(hostname), Argument.number(length));
        }
    }

    private static void enter(Tape tape, String kind, Namespace namespace, Value flag) {
        if (namespace instanceof Namespace.Existing existing) {
            Slot slot = tape.slot(kind + " namespace");
            tape.add(LaunchPlanner.openHost(
                            "open namespace " + existing.path(), existing.path().toString(), OpenFlag.READ)
                    .into(slot));
            tape.add("enter the " + kind + " namespace", Call.SETNS, new From(slot), flag);
        } else if (namespace instanceof Namespace.OfProcess process) {
            tape.add(
                    "enter the " + kind + " namespace of process " + process.pid(),
                    Call.SETNS,
                    Argument.number(PlanWriter.TARGET),
                    flag);
        }
    }

    /// An empty network namespace has a loopback interface that is down.
    private static void raiseLoopback(Tape tape) {
        ByteBuffer request = ByteBuffer.allocate(IFREQ_BYTES).order(ByteOrder.nativeOrder());
        request.put("lo".getBytes(StandardCharsets.US_ASCII)).putShort(IFREQ_FLAGS_OFFSET, IFF_UP);
        Slot socket = tape.take(
                "socket",
                "open a socket for interfaces",
                Call.SOCKET,
                Constants.AF_INET,
                Constants.SOCK_DGRAM,
                Argument.number(0));
        tape.add(
                "raise the loopback interface",
                Call.IOCTL,
                new From(socket),
                Constants.SIOCSIFFLAGS,
                new Argument.Bytes(request.array(), "{lo up}"));
    }

    private static void addIfNew(List<Value> flags, Namespace namespace, Value flag) {
        if (isNew(namespace)) {
            flags.add(flag);
        }
    }

    private static boolean isNew(Namespace namespace) {
        return namespace instanceof Namespace.New;
    }
}
