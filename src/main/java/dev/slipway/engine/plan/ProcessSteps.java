package dev.slipway.engine.plan;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.ResourceLimit;
import dev.slipway.engine.launch.SeccompFilter;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.plan.Argument.Bytes;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Scratch;
import dev.slipway.engine.plan.Argument.Text;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Makes the child the process that was asked for.
final class ProcessSteps {
    private static final long DEVPTS_SUPER_MAGIC = 0x1cd1;
    private static final int O_RDWR_NOCTTY_CLOEXEC = 2 | 0400 | 02000000;
    private static final Scratch CAPABILITY_SETS = new Scratch(256);
    private static final Scratch LIMIT = new Scratch(512);
    private static final Scratch HARD_LIMIT = new Scratch(520);
    private static final String USUAL_PATH = "/bin:/usr/bin";
    private static final long LAST_DESCRIPTOR = 0xffffffffL;
    private static final int SIGACTION_BYTES = 32;
    private static final long SIG_IGN = 1;
    private static final long LOW = 0xffffffffL;

    private final Tape tape;
    private final Places places;
    private final ProcessSpec process;
    private Argument terminal = Constants.NONE;

    ProcessSteps(Tape tape, Slot root, ProcessSpec process) {
        this.tape = tape;
        this.places = Places.ofProcess(root);
        this.process = process;
    }

    /// The kernel forgets it when the user changes.
    static void dieWithShim(Tape tape) {
        tape.add("die with the shim", Call.PRCTL, Constants.PR_SET_PDEATHSIG, Constants.SIGKILL);
    }

    /// Puts the streams where programs expect them. They belong to the user, so that `/dev/stdout` can be opened.
    ///
    /// @param console whether the terminal appears as `/dev/console` as well
    /// @param owned whether pipes belong to the user already
    void openStreams(boolean console, boolean owned) {
        if (process.stdio().terminal()) {
            openTerminal(console);
            return;
        }
        if (process.stdio().stdin()) {
            stream(Slot.STDIN, 0, owned);
        }
        stream(Slot.STDOUT, 1, owned);
        stream(Slot.STDERR, 2, owned);
    }

    private void stream(Slot end, int number, boolean owned) {
        if (!owned) {
            own(end);
        }
        duplicate(end, number);
    }

    private void openTerminal(boolean console) {
        Slot master = tape.slot("terminal");
        tape.add(places.open(
                        "open /dev/pts/ptmx", "dev/pts/ptmx", List.of(OpenFlag.READ_WRITE, OpenFlag.NOT_CONTROLLING), 0)
                .into(master));
        KernelSteps.verify(tape, "/dev/pts", master, "devpts", DEVPTS_SUPER_MAGIC);
        tape.add(
                "unlock the terminal", Call.IOCTL, new From(master), Constants.TIOCSPTLCK, new Bytes(new byte[8], "0"));
        Slot end = tape.take(
                "tty",
                "open the terminal",
                Call.IOCTL,
                new From(master),
                Constants.TIOCGPTPEER,
                new Argument.Value(O_RDWR_NOCTTY_CLOEXEC, "rw"));
        own(end);
        if (console) {
            bindConsole(end);
        }
        for (int number = 0; number < 3; number++) {
            duplicate(end, number);
        }
        tape.add("control the terminal", Call.IOCTL, Argument.number(0), Constants.TIOCSCTTY, Argument.number(0));
        terminal = new From(master);
    }

    private void bindConsole(Slot end) {
        Slot tree = tape.take(
                "console",
                "open the terminal's node",
                Call.OPEN_TREE,
                new From(end),
                new Text(""),
                Argument.flags(Constants.OPEN_TREE_CLONE, Constants.OPEN_TREE_CLOEXEC, Constants.AT_EMPTY_PATH));
        Slot place = places.make(tape, "/dev/console", Mount.Kind.FILE);
        tape.add(MountSteps.move("mount the terminal on /dev/console", tree, place));
    }

    private void own(Slot end) {
        tape.add(
                "give " + end.name() + " to user " + process.identity().uid(),
                Call.FCHOWN,
                new From(end),
                Argument.number(process.identity().uid()),
                Argument.number(-1));
    }

    private void duplicate(Slot end, int number) {
        tape.add(
                "make " + end.name() + " descriptor " + number,
                Call.DUP3,
                new From(end),
                Argument.number(number),
                Argument.number(0));
    }

    /// Opens the working directory, made if it is missing. It cannot lie outside the root: links of `/proc` are not
    /// followed.
    Slot openWorkingDirectory() {
        return places.make(tape, process.cwd(), Mount.Kind.DIRECTORY);
    }

    /// The last steps of a process that executes a program.
    void becomeAndExecute(Slot cwd) {
        become(cwd);
        tape.add(
                "close everything else when the program is executed",
                Call.CLOSE_RANGE,
                Argument.number(3),
                Argument.number(LAST_DESCRIPTOR),
                Constants.CLOSE_RANGE_CLOEXEC);
        tape.add("tell the shim", Call.READY, terminal);
        execute();
    }

    /// The last steps of the first process of a pid namespace that others join. It executes nothing and does
    /// nothing: whoever ignores SIGCHLD has the kernel reap its children, also those that it inherits. That it is
    /// ready the shim learns as of others, by the closing of their channel.
    ///
    /// @spec https://man7.org/linux/man-pages/man2/wait.2.html wait(2)
    void becomeAndReap(Slot cwd) {
        become(cwd);
        ByteBuffer ignore = ByteBuffer.allocate(SIGACTION_BYTES).order(ByteOrder.nativeOrder());
        ignore.putLong(0, SIG_IGN);
        tape.add("take the name pause", Call.PRCTL, Constants.PR_SET_NAME, new Text("pause"));
        tape.add(
                "let the kernel reap",
                Call.RT_SIGACTION,
                Constants.SIGCHLD,
                new Bytes(ignore.array(), "{ignore}"),
                Constants.NULL,
                Argument.number(8));
        tape.add("tell the shim", Call.READY, terminal);
        tape.add(
                "close everything",
                Call.CLOSE_RANGE,
                Argument.number(0),
                Argument.number(LAST_DESCRIPTOR),
                Argument.number(0));
        tape.add("wait for ever", Call.PPOLL, Constants.NULL, Argument.number(0), Constants.NULL, Constants.NULL);
    }

    /// What drops a right comes after what needs it.
    private void become(Slot cwd) {
        Privileges privileges = process.privileges();
        enterDirectory(cwd);
        process.limits().forEach(this::limit);
        tape.add("set the umask", Call.UMASK, Places.mode(process.umask()));
        dropBounds(privileges);
        setGroups();
        if (!privileges.noNewPrivileges()) {
            // Needs SYS_ADMIN, which is about to go. The filter lets the remaining steps pass.
            filter(privileges);
        }
        int uid = process.identity().uid();
        boolean takesAlong = uid != 0 && !privileges.ambient().isEmpty();
        if (takesAlong) {
            tape.add("keep permitted capabilities", Call.PRCTL, Constants.PR_SET_KEEPCAPS, Argument.number(1));
        }
        tape.add(
                "become user " + uid, Call.SETRESUID, Argument.number(uid), Argument.number(uid), Argument.number(uid));
        if (takesAlong) {
            raiseAmbient(privileges.ambient());
        } else {
            keepCapabilities(tape, uid == 0 ? mask(privileges.capabilities()) : 0);
        }
        dieWithShim(tape);
        if (privileges.noNewPrivileges()) {
            tape.add(
                    "gain no privileges any more",
                    Call.PRCTL,
                    Constants.PR_SET_NO_NEW_PRIVS,
                    Argument.number(1),
                    Argument.number(0),
                    Argument.number(0),
                    Argument.number(0));
            filter(privileges);
        }
    }

    private void enterDirectory(Slot cwd) {
        tape.add("change to " + process.cwd(), Call.FCHDIR, new From(cwd));
        tape.add("look at the working directory", Call.GETCWD, new Scratch(0), Argument.number(Scratch.BYTES));
        tape.expect("find " + process.cwd() + " inside the root", 0, 0xff, '/', Errno.EXDEV);
    }

    /// What the host does not allow is cut to what it does.
    private void limit(ResourceLimit limit) {
        Argument resource =
                new Argument.Value(limit.resource().ordinal(), limit.resource().name());
        byte[] wanted = ByteBuffer.allocate(16)
                .order(ByteOrder.nativeOrder())
                .putLong(limit.soft())
                .putLong(limit.hard())
                .array();
        String words = "limit " + limit.resource();
        Argument text = new Bytes(wanted, "{" + limit.soft() + ", " + limit.hard() + "}");
        tape.addOrElse(setLimit(words, resource, text).tolerating(Errno.EPERM), refused -> {
            refused.add(
                    "look at the host's limit of " + limit.resource(),
                    Call.PRLIMIT64,
                    Argument.number(0),
                    resource,
                    Constants.NULL,
                    LIMIT);
            refused.add("keep the soft limit", Call.STORE, LIMIT, Argument.number(limit.soft()));
            refused.addOrElse(setLimit(words, resource, LIMIT).tolerating(Errno.EINVAL), above -> {
                Slot hard = above.take("hard limit", "take the hard limit", Call.LOAD, HARD_LIMIT);
                above.add("cut the soft limit", Call.STORE, LIMIT, new From(hard));
                above.add(setLimit(words, resource, LIMIT));
            });
        });
    }

    private static Step setLimit(String words, Argument resource, Argument limit) {
        return Step.of(words, Call.PRLIMIT64, Argument.number(0), resource, limit, Constants.NULL);
    }

    /// A capability that the kernel does not know cannot be kept either.
    private void dropBounds(Privileges privileges) {
        for (Capability capability : Capability.values()) {
            if (!privileges.capabilities().contains(capability)) {
                tape.add(Step.of(
                                "drop " + capability,
                                Call.PRCTL,
                                Constants.PR_CAPBSET_DROP,
                                Argument.number(capability.number()))
                        .tolerating(Errno.EINVAL));
            }
        }
    }

    /// The primary group is among the supplementary ones, so that a program that changes its group does not lose
    /// it: files may deny a group what they allow to others.
    ///
    /// @spec https://nvd.nist.gov/vuln/detail/CVE-2022-36109 CVE-2022-36109
    private void setGroups() {
        int gid = process.identity().gid();
        List<Integer> groups = Stream.concat(Stream.of(gid), process.identity().groups().stream())
                .distinct()
                .toList();
        ByteBuffer list = ByteBuffer.allocate(4 * groups.size()).order(ByteOrder.nativeOrder());
        groups.forEach(list::putInt);
        tape.add(
                "set the groups",
                Call.SETGROUPS,
                Argument.number(groups.size()),
                new Bytes(list.array(), groups.toString()));
        tape.add("set group " + gid, Call.SETRESGID, Argument.number(gid), Argument.number(gid), Argument.number(gid));
    }

    /// Three sets of 64 bits lie in six words: effective, permitted, inheritable, first the low halves, then the
    /// high.
    private static void keepCapabilities(Tape tape, long kept) {
        Bytes ofItself = ofItself();
        long low = kept & LOW;
        long high = kept >>> 32;
        int start = CAPABILITY_SETS.offset();
        tape.add(ambient("clear ambient capabilities", Constants.PR_CAP_AMBIENT_CLEAR_ALL, 0));
        tape.add("look at the capabilities", Call.CAPGET, ofItself, CAPABILITY_SETS);
        keep(tape, "keep effective and permitted ones", start, low | low << 32);
        keep(tape, "keep no inheritable ones", start + 8, high << 32);
        keep(tape, "keep permitted ones", start + 16, high);
        tape.add("set the capabilities", Call.CAPSET, ofItself, CAPABILITY_SETS);
    }

    /// What is permitted, inheritable and ambient stays with a user other than root when the program is executed.
    /// Where the host does not permit all of them, none stays, as it was before there were ambient ones.
    ///
    /// @spec https://man7.org/linux/man-pages/man7/capabilities.7.html capabilities(7)
    private void raiseAmbient(Set<Capability> ambient) {
        tape.add(ambient("clear ambient capabilities", Constants.PR_CAP_AMBIENT_CLEAR_ALL, 0));
        long kept = mask(ambient);
        ByteBuffer sets = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
        for (int half = 0; half < 2; half++) {
            int word = (int) (kept >>> 32 * half);
            sets.putInt(word).putInt(word).putInt(word);
        }
        tape.addOrElse(
                Step.of("set the capabilities", Call.CAPSET, ofItself(), new Bytes(sets.array(), ambient.toString()))
                        .tolerating(Errno.EPERM),
                refused -> keepCapabilities(refused, 0));
        ambient.stream()
                .sorted()
                .forEach(capability -> tape.add(
                        ambient("take " + capability + " along", Constants.PR_CAP_AMBIENT_RAISE, capability.number())
                                .tolerating(Errno.EPERM)));
    }

    private static Step ambient(String words, Argument action, int capability) {
        return Step.of(
                words,
                Call.PRCTL,
                Constants.PR_CAP_AMBIENT,
                action,
                Argument.number(capability),
                Argument.number(0),
                Argument.number(0));
    }

    private static Bytes ofItself() {
        byte[] header = ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putInt(0x20080522)
                .array();
        return new Bytes(header, "itself");
    }

    private static void keep(Tape tape, String words, int offset, long mask) {
        tape.add(words, Call.MASK, new Scratch(offset), new Argument.Value(mask, "0x" + Long.toHexString(mask)));
    }

    private static long mask(Set<Capability> capabilities) {
        return capabilities.stream()
                .mapToLong(capability -> 1L << capability.number())
                .sum();
    }

    private void filter(Privileges privileges) {
        byte[] instructions = SeccompFilter.compile(privileges.seccomp(), privileges.capabilities());
        if (instructions.length > 0) {
            tape.add(
                    "filter system calls",
                    Call.SECCOMP,
                    Constants.SECCOMP_SET_MODE_FILTER,
                    Argument.number(0),
                    new Argument.Filter(instructions));
        }
    }

    private void execute() {
        tape.add(
                "execute " + process.argv().getFirst(),
                Call.EXECUTE,
                Argument.argv(candidates()),
                Argument.argv(process.argv()),
                new Argument.Texts(process.env(), process.env().size() + " variables"));
    }

    /// Where the program may be. An empty directory in `PATH` is the current one.
    private List<String> candidates() {
        String program = process.argv().getFirst();
        if (program.contains("/")) {
            return List.of(program);
        }
        String path = process.env().stream()
                .filter(line -> line.startsWith("PATH="))
                .map(line -> line.substring("PATH=".length()))
                .findFirst()
                .orElse(USUAL_PATH);
        return Arrays.stream(path.split(":", -1))
                .map(directory -> directory.isEmpty() ? program : directory + "/" + program)
                .toList();
    }
}
