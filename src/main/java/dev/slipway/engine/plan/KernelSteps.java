package dev.slipway.engine.plan;

import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Text;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Sets kernel parameters, and hides and protects what a container must not see or write.
final class KernelSteps {
    private final Tape tape;
    private final Sources sources;
    private final Places places;

    KernelSteps(Tape tape, Slot root, Sources sources) {
        this.tape = tape;
        this.sources = sources;
        this.places = Places.ofProcess(root);
    }

    void hide(ContainerSpec spec) {
        new TreeMap<>(spec.kernel().sysctls()).forEach(this::set);
        spec.kernel().maskedPaths().forEach(this::mask);
        spec.kernel().readOnlyPaths().forEach(this::protect);
    }

    private void set(String name, String value) {
        String path = "/proc/sys/"
                + Stream.of(name.split("\\."))
                        .map(part -> part.replace('/', '.'))
                        .collect(Collectors.joining("/"));
        Slot file = tape.slot(name);
        tape.add(open("open sysctl " + name, path, OpenFlag.WRITE).into(file));
        verify(tape, path, file);
        tape.add(LaunchPlanner.write("set sysctl " + name, file, value));
    }

    private void mask(String path) {
        Slot place = tape.slot(path);
        tape.addThen(
                open("look for " + path, path, OpenFlag.PATH).into(place).tolerating(Errno.ENOENT, Errno.ENOTDIR),
                found -> {
                    verify(found, path, place);
                    // Only a directory can be changed to, which is how we learn whether it is one.
                    Step change = Step.of("change to " + path, Call.FCHDIR, new From(place))
                            .tolerating(Errno.ENOTDIR);
                    found.addThen(
                            change,
                            directory -> MountSteps.fileSystem(
                                    directory,
                                    path,
                                    place,
                                    "tmpfs",
                                    "mode=555,size=4k",
                                    Constants.MS_RDONLY,
                                    Constants.MS_NOSUID,
                                    Constants.MS_NODEV,
                                    Constants.MS_NOEXEC));
                    found.addOrElse(
                            change, file -> file.add(MountSteps.move("mask " + path, sources.mask(file, path), place)));
                });
    }

    private void protect(String path) {
        Slot place = tape.slot(path);
        tape.addThen(
                open("look for " + path, path, OpenFlag.PATH).into(place).tolerating(Errno.ENOENT, Errno.ENOTDIR),
                found -> {
                    verify(found, path, place);
                    Slot tree = found.take(
                            "tree",
                            "open " + path,
                            Call.OPEN_TREE,
                            new From(place),
                            new Text(""),
                            Argument.flags(
                                    Constants.OPEN_TREE_CLONE,
                                    Constants.OPEN_TREE_CLOEXEC,
                                    Constants.AT_RECURSIVE,
                                    Constants.AT_EMPTY_PATH));
                    MountSteps.setAttributes(
                            found, "make " + path + " read-only", tree, MountAttributes.READ_ONLY, true);
                    found.add(MountSteps.move("protect " + path, tree, place));
                });
    }

    private Step open(String words, String path, OpenFlag flag) {
        return places.open(words, path, List.of(flag), 0);
    }

    /// A path below `/proc` or `/sys` that leads to another file system is not what was meant.
    private static void verify(Tape tape, String path, Slot place) {
        if (path.startsWith("/proc/")) {
            verify(tape, path, place, "procfs", Constants.PROC_SUPER_MAGIC);
        } else if (path.startsWith("/sys/")) {
            verify(tape, path, place, "sysfs", Constants.SYSFS_MAGIC);
        }
    }

    static void verify(Tape tape, String path, Slot place, String type, long magic) {
        tape.add("look at " + path, Call.FSTATFS, new From(place), new Argument.Scratch(0));
        tape.expect("find " + type + " at " + path, 0, -1, magic, Errno.EXDEV);
    }
}
