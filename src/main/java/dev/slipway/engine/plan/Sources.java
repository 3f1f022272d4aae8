package dev.slipway.engine.plan;

import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Text;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What a container gets from the host, as mounts that are attached nowhere yet: bind sources, device nodes, and the
/// null device for masks. Opened while the host's paths can still be named.
final class Sources {
    /// The nodes that every container has, besides those that are links.
    static final List<String> STANDARD_DEVICES =
            List.of("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty");

    private static final Argument.Value NOSUID = Constants.MOUNT_ATTR_NOSUID;
    private static final Argument.Value NODEV = Constants.MOUNT_ATTR_NODEV;
    private static final Argument.Value NOEXEC = Constants.MOUNT_ATTR_NOEXEC;
    private static final String NULL = "/dev/null";
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_TYPE = 1;
    private static final int STATX_MODE_OFFSET = 24;
    private static final int STATX_RDEV_OFFSET = 128;
    private static final long CHARACTER_DEVICE = 0020000L << 32;
    private static final long TYPE_MASK = 0170000L << 32;
    private static final long NULL_DEVICE = 1L | 3L << 32;

    private final Map<Mount.Bind, Slot> binds = new IdentityHashMap<>();
    private final Map<Mount.Image, Slot> images = new IdentityHashMap<>();
    private final Map<String, Slot> devices = new HashMap<>();
    private final Map<String, Slot> masks = new HashMap<>();
    private final boolean slave;
    private final boolean mayMount;
    private final UserSteps user;
    private final Map<String, Slot> fileSystems = new HashMap<>();

    private Sources(boolean slave, boolean mayMount, UserSteps user) {
        this.user = user;
        this.slave = slave;
        this.mayMount = mayMount;
    }

    /// Separates the mount namespace from the host's and opens everything.
    static Sources open(Tape tape, ContainerSpec spec, UserSteps user) {
        List<Mount.Bind> all = spec.mounts().stream()
                .filter(Mount.Bind.class::isInstance)
                .map(Mount.Bind.class::cast)
                .toList();
        boolean slave = all.stream().anyMatch(bind -> bind.propagation() == Mount.Propagation.HOST_TO_CONTAINER);
        Sources sources = new Sources(slave, LaunchPlanner.mayMount(spec.process()), user);
        // A clone shares its mounts with the host only as long as the original does.
        all.stream()
                .filter(bind -> bind.propagation() == Mount.Propagation.BIDIRECTIONAL)
                .forEach(bind -> sources.openBind(tape, bind));
        tape.add(
                "keep mounts from spreading to the host",
                Call.MOUNT,
                Constants.NULL,
                new Text("/"),
                Constants.NULL,
                Argument.flags(Constants.MS_REC, slave ? Constants.MS_SLAVE : Constants.MS_PRIVATE),
                Constants.NULL);
        all.stream()
                .filter(bind -> bind.propagation() != Mount.Propagation.BIDIRECTIONAL)
                .forEach(bind -> sources.openBind(tape, bind));
        for (Mount mount : spec.mounts()) {
            if (mount instanceof Mount.Image image) {
                sources.openImage(tape, image);
            }
        }
        if (spec.mounts().stream().noneMatch(mount -> mount.destination().equals("/dev"))) {
            STANDARD_DEVICES.forEach(device -> sources.openDevice(tape, device));
            verifyNull(tape, sources.device(NULL));
            spec.kernel().devices().stream()
                    .filter(device -> !sources.devices.containsKey(device))
                    .forEach(device -> sources.openDevice(tape, device));
        } else {
            spec.kernel().maskedPaths().forEach(path -> sources.openMask(tape, path));
        }
        if (user.isNew()) {
            sources.openFileSystems(tape);
        }
        return sources;
    }

    /// Mounted by the host's root: the pid namespace is the host's, and of `/sys` the kernel lets others mount only
    /// what they see already.
    private void openFileSystems(Tape tape) {
        fileSystems.put("/proc", UserSteps.fileSystem(tape, "proc", NOSUID, NODEV, NOEXEC));
        fileSystems.put(
                "/sys", UserSteps.fileSystem(tape, "sysfs", Constants.MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC));
    }

    /// The file system for `path`, where it was to be mounted ahead.
    Optional<Slot> fileSystem(String path) {
        return Optional.ofNullable(fileSystems.get(path));
    }

    Slot bind(Mount.Bind bind) {
        return Objects.requireNonNull(binds.get(bind));
    }

    Slot image(Mount.Image image) {
        return Objects.requireNonNull(images.get(image));
    }

    Slot device(String path) {
        return Objects.requireNonNull(devices.get(path));
    }

    /// A null device to hide `path` with: cloned from the container's own, which is attached by now. Most masked
    /// paths are not there, and a mount that was opened and never attached costs a grace period of the kernel when
    /// it is closed: half a millisecond or more. Only where the container brings a `/dev` of its own they are
    /// opened ahead.
    Slot mask(Tape tape, String path) {
        Slot ready = masks.get(path);
        if (ready != null) {
            return ready;
        }
        Slot tree = tape.slot("mask of " + path);
        tape.add(cloneTree("open /dev/null to mask " + path, new From(device(NULL)), "", Constants.AT_EMPTY_PATH)
                .into(tree));
        return tree;
    }

    private void openBind(Tape tape, Mount.Bind bind) {
        if (bind.kind() == Mount.Kind.DEVICE) {
            binds.put(bind, openNode(tape, bind.source().toString()));
            return;
        }
        String words = "open " + bind.source() + (bind.subPath().isEmpty() ? "" : " below it " + bind.subPath());
        Slot tree = tape.slot(bind.source().toString());
        if (bind.subPath().isEmpty()) {
            tape.add(cloneTree(words, Constants.CWD, bind.source().toString(), Constants.AT_RECURSIVE)
                    .into(tree));
        } else {
            Slot volume = tape.slot("volume");
            tape.add(LaunchPlanner.openHost(
                            "open " + bind.source(), bind.source().toString(), OpenFlag.PATH, OpenFlag.DIRECTORY)
                    .into(volume));
            Slot inside = Places.ofVolume(volume).make(tape, "/" + bind.subPath(), bind.kind());
            tape.add(cloneTree(words, new From(inside), "", Constants.AT_RECURSIVE, Constants.AT_EMPTY_PATH)
                    .into(tree));
        }
        binds.put(bind, tree);
        user.translate(tape, tree, bind.source().toString());
        long propagation = slave && bind.propagation() == Mount.Propagation.PRIVATE ? Constants.MS_PRIVATE.value() : 0;
        boolean readOnly = bind.access() != Mount.Access.READ_WRITE;
        boolean deep = bind.access() == Mount.Access.RECURSIVE_READ_ONLY;
        MountSteps.setAttributes(
                tape, "guard " + bind.source(), tree, new MountAttributes(false, !mayMount, propagation), true);
        MountSteps.setAttributes(
                tape, "make " + bind.source() + " read-only", tree, new MountAttributes(readOnly, false, 0), deep);
    }

    /// Overlayfs is mounted over the lowest layer for a moment, in the container's mounts only, and cloned from
    /// there: the one way on all kernels to have it nowhere, with many layers.
    private void openImage(Tape tape, Mount.Image image) {
        LayerSteps.requireFew(image.lowers());
        LayerSteps layers = LayerSteps.open(tape, image.lowers(), user);
        String place = image.lowers().getLast().toString();
        tape.add("change to the descriptors", Call.CHDIR, new Text("/proc/self/fd"));
        tape.add(
                "mount image for " + image.destination(),
                Call.MOUNT,
                new Text("overlay"),
                new Text(place),
                new Text("overlay"),
                Argument.flags(Constants.MS_RDONLY, Constants.MS_NOSUID, Constants.MS_NODEV, Constants.MS_NOEXEC),
                new Text("lowerdir=" + layers.names(image.lowers().size())));
        layers.close(tape);
        Slot tree = tape.slot("image for " + image.destination());
        String words = "open image for " + image.destination();
        if (image.subPath().isEmpty()) {
            tape.add(cloneTree(words, Constants.CWD, place).into(tree));
        } else {
            Slot volume = tape.slot("image");
            tape.add(LaunchPlanner.openHost("open its root", place, OpenFlag.PATH, OpenFlag.DIRECTORY)
                    .into(volume));
            Slot inside = tape.slot("inside");
            tape.add(Places.ofImage(volume)
                    .open("open in the image " + image.subPath(), image.subPath(), List.of(OpenFlag.PATH), 0)
                    .into(inside));
            tape.add(cloneTree(words, new From(inside), "", Constants.AT_EMPTY_PATH)
                    .into(tree));
            tape.add("close what it is in", Call.CLOSE, new From(inside));
            tape.add("close its root", Call.CLOSE, new From(volume));
        }
        tape.add("take the image off its place", Call.UMOUNT2, new Text(place), Constants.MNT_DETACH);
        images.put(image, tree);
    }

    private void openDevice(Tape tape, String path) {
        devices.put(path, openNode(tape, path));
    }

    /// Read-only: a node can be written to all the same, but not be given another mode or owner, on the host. Its
    /// ids are not translated, which the file system of `/dev` does not support.
    private static Slot openNode(Tape tape, String path) {
        Slot tree = tape.slot(path);
        tape.add(cloneTree("open " + path, Constants.CWD, path).into(tree));
        MountSteps.setAttributes(tape, "guard " + path, tree, MountAttributes.READ_ONLY, false);
        return tree;
    }

    private void openMask(Tape tape, String path) {
        Slot tree = tape.slot("mask of " + path);
        tape.add(
                cloneTree("open /dev/null to mask " + path, Constants.CWD, NULL).into(tree));
        MountSteps.setAttributes(tape, "guard the mask of " + path, tree, MountAttributes.READ_ONLY, false);
        if (masks.isEmpty()) {
            verifyNull(tape, tree);
        }
        masks.put(path, tree);
    }

    /// What hides must be the null device itself: a file in its place could be read, or written by somebody.
    private static void verifyNull(Tape tape, Slot tree) {
        tape.add(
                "look at /dev/null",
                Call.STATX,
                new From(tree),
                new Text(""),
                Argument.number(Constants.AT_EMPTY_PATH.value() | AT_SYMLINK_NOFOLLOW),
                Argument.number(STATX_TYPE),
                new Argument.Scratch(0));
        tape.expect("find a character device", STATX_MODE_OFFSET, TYPE_MASK, CHARACTER_DEVICE, Errno.ENODEV);
        tape.expect("find the null device", STATX_RDEV_OFFSET, -1, NULL_DEVICE, Errno.ENODEV);
    }

    private static Step cloneTree(String words, Argument from, String path, Argument.Value... flags) {
        Argument.Value[] all = new Argument.Value[flags.length + 2];
        all[0] = Constants.OPEN_TREE_CLONE;
        all[1] = Constants.OPEN_TREE_CLOEXEC;
        System.arraycopy(flags, 0, all, 2, flags.length);
        return Step.of(words, Call.OPEN_TREE, from, new Text(path), Argument.flags(all));
    }
}
