package dev.slipway.engine.plan;

import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Opening;
import dev.slipway.engine.plan.Argument.Text;
import dev.slipway.engine.plan.Argument.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Mounts what a container has below its root, each onto a descriptor of its place.
final class MountSteps {
    private static final Map<String, String> LINKS = new TreeMap<>(Map.of(
            "fd", "/proc/self/fd",
            "stdin", "/proc/self/fd/0",
            "stdout", "/proc/self/fd/1",
            "stderr", "/proc/self/fd/2",
            "ptmx", "pts/ptmx"));

    private final Tape tape;
    private final Sources sources;
    private final Places places;
    private final Places ownPlaces;

    MountSteps(Tape tape, Slot root, Sources sources) {
        this.tape = tape;
        this.sources = sources;
        this.places = Places.ofContainer(root);
        this.ownPlaces = Places.ofSlipway(root);
    }

    /// First the standard mounts, then those of the spec. What takes the place of `/dev` brings all of it: the
    /// nodes and mounts that would lie beneath it are left out, as in Docker.
    void mountAll(ContainerSpec spec) {
        Set<String> taken = spec.mounts().stream().map(Mount::destination).collect(Collectors.toSet());
        standard(taken, "/proc", "proc", "", Constants.MS_NOSUID, Constants.MS_NODEV, Constants.MS_NOEXEC);
        standard(
                taken,
                "/sys",
                "sysfs",
                "",
                Constants.MS_RDONLY,
                Constants.MS_NOSUID,
                Constants.MS_NODEV,
                Constants.MS_NOEXEC);
        if (standard(taken, "/dev", "tmpfs", "mode=755,size=65536k", Constants.MS_NOSUID, Constants.MS_NODEV)) {
            fillDev(taken, spec.kernel().devices());
        }
        spec.mounts().forEach(this::mount);
    }

    private void mount(Mount mount) {
        switch (mount) {
            case Mount.Bind bind ->
                attach(
                        bind.source() + " on " + bind.destination(),
                        sources.bind(bind),
                        places.make(tape, bind.destination(), bind.kind()));
            case Mount.Image image ->
                attach(
                        "image on " + image.destination(),
                        sources.image(image),
                        places.make(tape, image.destination(), image.kind()));
            case Mount.Tmpfs tmpfs -> mount(tmpfs);
            case Mount.Cgroups cgroups -> mount(cgroups);
        }
    }

    private void mount(Mount.Tmpfs tmpfs) {
        String size = tmpfs.sizeBytes() == 0 ? "" : ",size=" + tmpfs.sizeBytes();
        Value access = tmpfs.access() == Mount.Access.READ_WRITE ? new Value(0, "rw") : Constants.MS_RDONLY;
        fileSystem(
                tape,
                tmpfs.destination(),
                places.make(tape, tmpfs.destination(), Mount.Kind.DIRECTORY),
                "tmpfs",
                "mode=0" + Integer.toOctalString(tmpfs.mode()) + size,
                access,
                Constants.MS_NOSUID,
                Constants.MS_NODEV);
    }

    /// Version 1 hierarchies get a directory each in a small file system of memory.
    private void mount(Mount.Cgroups cgroups) {
        Value access = cgroups.access() == Mount.Access.READ_WRITE ? new Value(0, "rw") : Constants.MS_RDONLY;
        Value[] flags = {access, Constants.MS_NOSUID, Constants.MS_NODEV, Constants.MS_NOEXEC};
        String destination = cgroups.destination();
        Slot place = places.make(tape, destination, Mount.Kind.DIRECTORY);
        if (cgroups.controllers().isEmpty()) {
            fileSystem(tape, destination, place, "cgroup2", "", flags);
            return;
        }
        fileSystem(
                tape,
                destination,
                place,
                "tmpfs",
                "mode=755,size=64k",
                Constants.MS_NOSUID,
                Constants.MS_NODEV,
                Constants.MS_NOEXEC);
        for (String controllers : cgroups.controllers()) {
            String path = destination + "/" + controllers;
            fileSystem(tape, path, places.make(tape, path, Mount.Kind.DIRECTORY), "cgroup", controllers, flags);
        }
        if (cgroups.withUnified()) {
            String path = destination + "/" + Mount.Cgroups.UNIFIED;
            fileSystem(tape, path, places.make(tape, path, Mount.Kind.DIRECTORY), "cgroup2", "", flags);
        }
        Slot top = places.make(tape, destination, Mount.Kind.DIRECTORY);
        setAttributes(tape, "make " + destination + " read-only", top, MountAttributes.READ_ONLY, false);
    }

    /// @return whether it was mounted, because nothing of the container's takes its place
    private boolean standard(Set<String> taken, String path, String type, String options, Value... flags) {
        if (taken.contains(path)) {
            return false;
        }
        Slot place = ownPlaces.make(tape, path, Mount.Kind.DIRECTORY);
        sources.fileSystem(path)
                .ifPresentOrElse(
                        ahead -> attach(type + " on " + path, ahead, place),
                        () -> fileSystem(tape, path, place, type, options, flags));
        return true;
    }

    private void fillDev(Set<String> taken, List<String> devices) {
        Slot dev = tape.slot("dev");
        tape.add(ownPlaces
                .open("open /dev", "dev", List.of(OpenFlag.PATH, OpenFlag.DIRECTORY), 0)
                .into(dev));
        for (String device : Sources.STANDARD_DEVICES) {
            Slot place = tape.take(
                    device,
                    "make " + device,
                    Call.OPENAT2,
                    new From(dev),
                    new Text(device.substring("/dev/".length())),
                    new Opening(List.of(OpenFlag.READ, OpenFlag.CREATE, OpenFlag.EXCLUSIVE), 0666, 0),
                    Argument.number(24));
            attach(device, sources.device(device), place);
        }
        LINKS.forEach((name, target) ->
                tape.add("link /dev/" + name, Call.SYMLINKAT, new Text(target), new From(dev), new Text(name)));
        standard(
                taken,
                "/dev/pts",
                "devpts",
                "newinstance,ptmxmode=0666,mode=0620,gid=5",
                Constants.MS_NOSUID,
                Constants.MS_NOEXEC);
        standard(
                taken,
                "/dev/shm",
                "tmpfs",
                "mode=1777,size=65536k",
                Constants.MS_NOSUID,
                Constants.MS_NODEV,
                Constants.MS_NOEXEC);
        standard(taken, "/dev/mqueue", "mqueue", "", Constants.MS_NOSUID, Constants.MS_NODEV, Constants.MS_NOEXEC);
        devices.stream()
                .filter(device -> !Sources.STANDARD_DEVICES.contains(device))
                .forEach(device -> attach(device, sources.device(device), places.make(tape, device, Mount.Kind.FILE)));
    }

    private void attach(String words, Slot tree, Slot place) {
        tape.add(move("mount " + words, tree, place));
    }

    /// Attaches a mount that is nowhere yet.
    static Step move(String words, Slot tree, Slot place) {
        return Step.of(
                words,
                Call.MOVE_MOUNT,
                new From(tree),
                new Text(""),
                new From(place),
                new Text(""),
                Constants.MOVE_BY_DESCRIPTORS);
    }

    /// The current directory is the one way to name a place for mount(2) by descriptor.
    static void fileSystem(Tape tape, String path, Slot place, String type, String options, Value... flags) {
        tape.add("change to " + path, Call.FCHDIR, new From(place));
        tape.add(
                "mount " + type + " on " + path,
                Call.MOUNT,
                new Text(type),
                new Text("."),
                new Text(type),
                Argument.flags(flags),
                new Text(options));
    }

    static void setAttributes(Tape tape, String words, Slot mount, MountAttributes attributes, boolean deep) {
        if (!attributes.changesNothing()) {
            tape.add(
                    words,
                    Call.MOUNT_SETATTR,
                    new From(mount),
                    new Text(""),
                    deep ? Argument.flags(Constants.AT_EMPTY_PATH, Constants.AT_RECURSIVE) : Constants.AT_EMPTY_PATH,
                    attributes.argument(),
                    Argument.number(MountAttributes.BYTES));
        }
    }
}
