package dev.slipway.engine.plan;

import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Text;
import java.util.Optional;
import java.util.stream.Stream;

/// What a container in a user namespace takes besides: translated ids on what comes from the host, and the moment of
/// entering.
///
/// Everything that needs the host's root comes before it, attached nowhere: layers and volumes, `/proc` (which belongs
/// to the pid namespace, made before) and `/sys`. What follows is done by the root of the user namespace.
///
/// ```
/// open the user namespace, give it a number       (structures name it by that)
/// ... clone, translate, mount the root, change to it
/// enter it; make the mount, uts and cgroup namespaces, which belong to it from their birth; become its root
/// ... attach, mount, hide, execute
/// ```
///
/// @param number of the descriptor of the namespace, 0 if there is none
/// @param namespace empty for the host's users: then nothing is done
record UserSteps(int number, Optional<UserNamespace> namespace) {
    private static final int FIRST = 48;
    private static final int OF_SHIM = 24;

    static UserSteps open(Tape tape, Optional<UserNamespace> namespace) {
        if (namespace.isEmpty()) {
            return new UserSteps(0, namespace);
        }
        String pin = namespace.get().pin().toString();
        Slot opened = tape.slot("user namespace");
        int number = Math.max(FIRST, OF_SHIM + opened.number());
        tape.add(LaunchPlanner.openHost("open namespace " + pin, pin, OpenFlag.READ)
                .into(opened));
        tape.add(
                "number namespace " + pin,
                Call.DUP3,
                new From(opened),
                Argument.number(number),
                Constants.OPEN_TREE_CLOEXEC);
        tape.add("close the first descriptor", Call.CLOSE, new From(opened));
        return new UserSteps(number, namespace);
    }

    boolean isNew() {
        return namespace.isPresent();
    }

    /// Translates the ids of a mount that is attached nowhere.
    void translate(Tape tape, Slot mount, String path) {
        if (isNew()) {
            MountSteps.setAttributes(
                    tape, Step.translation(path), mount, new MountAttributes(false, false, 0, number), false);
        }
    }

    /// From now on files are made for the root of the namespace, with all the rights of the host's: overlayfs
    /// writes as who has mounted it, and the host's root has no id in a translated layer.
    void makeFilesForItsRoot(Tape tape) {
        namespace.ifPresent(entered -> {
            Argument first = Argument.number(entered.firstHostId());
            tape.add(
                    "keep capabilities when ids change",
                    Call.PRCTL,
                    Constants.PR_SET_SECUREBITS,
                    Constants.SECBIT_NO_SETUID_FIXUP);
            tape.add("make files for group " + first + " of the host", Call.SETFSGID, first);
            tape.add("make files for user " + first + " of the host", Call.SETFSUID, first);
        });
    }

    /// Gives the streams to a user of the namespace: they are the host's, whose owners only the host's root
    /// changes.
    ///
    /// @return whether that is done
    static void ownStreams(Tape tape, ProcessSpec process, int firstHostId) {
        if (!process.stdio().terminal()) {
            int owner = firstHostId + process.identity().uid();
            Stream.of(Slot.STDIN, Slot.STDOUT, Slot.STDERR)
                    .filter(end -> end != Slot.STDIN || process.stdio().stdin())
                    .forEach(end -> tape.add(
                            "give " + end.name() + " to user " + owner + " of the host",
                            Call.FCHOWN,
                            new From(end),
                            Argument.number(owner),
                            Argument.number(-1)));
        }
    }

    /// A file system of the kernel, attached nowhere.
    static Slot fileSystem(Tape tape, String type, Argument.Value... attributes) {
        Slot context =
                tape.take(type, "open file system " + type, Call.FSOPEN, new Text(type), Constants.FSMOUNT_CLOEXEC);
        tape.add(
                "make file system " + type,
                Call.FSCONFIG,
                new From(context),
                Constants.FSCONFIG_CMD_CREATE,
                Constants.NULL,
                Constants.NULL,
                Argument.number(0));
        Slot mount = tape.take(
                type,
                "mount file system " + type + " nowhere",
                Call.FSMOUNT,
                new From(context),
                Constants.FSMOUNT_CLOEXEC,
                Argument.flags(attributes));
        tape.add("close the context", Call.CLOSE, new From(context));
        return mount;
    }

    /// Enters it and makes the namespaces that `flags` say.
    void enter(Tape tape, Argument.Value flags) {
        tape.add("enter the user namespace", Call.SETNS, Argument.number(number), Constants.CLONE_NEWUSER);
        tape.add("make the namespaces that belong to it", Call.UNSHARE, flags);
        becomeRoot(tape);
    }

    /// Who has entered it is nobody there at first. The kernel forgets the signal when the user changes.
    static void becomeRoot(Tape tape) {
        Argument root = Argument.number(0);
        tape.add("leave the host's groups", Call.SETGROUPS, root, Constants.NULL);
        tape.add("become its group 0", Call.SETRESGID, root, root, root);
        tape.add("become its user 0", Call.SETRESUID, root, root, root);
        ProcessSteps.dieWithShim(tape);
    }
}
