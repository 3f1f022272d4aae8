package dev.slipway.engine.plan;

import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Mounts the root file system and makes it `/`.
final class RootSteps {
    /// Layers get descriptors from here on at least: as few digits as possible, above what most containers open.
    private static final int FIRST_LAYER = 64;
    /// What the shim itself may have open.
    private static final int OF_SHIM = 24;
    /// What overlayfs takes.
    private static final int MOST_LAYERS = 500;

    private RootSteps() {}

    static void enter(Tape tape, RootFilesystem root, UserSteps user) {
        user.makeFilesForItsRoot(tape);
        Path place =
                switch (root) {
                    case RootFilesystem.Overlay overlay -> mountOverlay(tape, overlay, user);
                    case RootFilesystem.Directory directory -> bind(tape, directory, user);
                };
        tape.add("change to the root", Call.CHDIR, new Text(place.toString()));
        tape.add("make it the root", Call.PIVOT_ROOT, new Text("."), new Text("."));
        // The former root lies on top of the new one now, and the current directory is in it.
        tape.add("let go of the host's root", Call.UMOUNT2, new Text("."), Constants.MNT_DETACH);
        tape.add("change to /", Call.CHDIR, new Text("/"));
    }

    /// The options of mount(2) have to fit in one page. So layers are opened, get small numbers, and are named by
    /// those, as seen from `/proc/self/fd`.
    private static Path mountOverlay(Tape tape, RootFilesystem.Overlay overlay, UserSteps user) {
        if (overlay.lowers().size() > MOST_LAYERS) {
            throw new IllegalArgumentException("image has %d layers, overlayfs takes %d"
                    .formatted(overlay.lowers().size(), MOST_LAYERS));
        }
        // Writes go through one mount: overlayfs wants upper and work on the same.
        List<Path> all = new ArrayList<>(overlay.lowers());
        all.add(overlay.writable());
        Slot opened = tape.slot("layer");
        // Each slot until here may hold a descriptor, which must not be replaced.
        int first = Math.max(FIRST_LAYER, OF_SHIM + opened.number());
        for (int i = 0; i < all.size(); i++) {
            open(tape, opened, all.get(i), first + i, user);
        }
        int upper = first + overlay.lowers().size();
        String lowers =
                IntStream.range(first, upper).mapToObj(Integer::toString).collect(Collectors.joining(":"));
        String options = "lowerdir=%s,upperdir=%d/%s,workdir=%d/%s"
                        .formatted(
                                lowers,
                                upper,
                                overlay.upper().getFileName(),
                                upper,
                                overlay.work().getFileName())
                + (overlay.life() == RootFilesystem.Life.RUN ? ",volatile" : "");
        tape.add("change to the descriptors", Call.CHDIR, new Text("/proc/self/fd"));
        tape.add(
                "mount overlay on /",
                Call.MOUNT,
                new Text("overlay"),
                new Text(overlay.upper().toString()),
                new Text("overlay"),
                Constants.MS_NODEV,
                new Text(options));
        return overlay.upper();
    }

    private static void open(Tape tape, Slot opened, Path layer, int number, UserSteps user) {
        String words = "open layer " + layer;
        if (user.isNew()) {
            tape.add(Step.of(
                            words,
                            Call.OPEN_TREE,
                            Constants.CWD,
                            new Text(layer.toString()),
                            Argument.flags(Constants.OPEN_TREE_CLONE, Constants.OPEN_TREE_CLOEXEC))
                    .into(opened));
            user.translate(tape, opened, layer.toString());
        } else {
            tape.add(LaunchPlanner.openHost(words, layer.toString(), OpenFlag.PATH, OpenFlag.DIRECTORY)
                    .into(opened));
        }
        tape.add(
                "number layer " + layer,
                Call.DUP3,
                new From(opened),
                Argument.number(number),
                Constants.OPEN_TREE_CLOEXEC);
        tape.add("close the first descriptor", Call.CLOSE, new From(opened));
    }

    private static Path bind(Tape tape, RootFilesystem.Directory directory, UserSteps user) {
        String path = directory.path().toString();
        Slot tree = tape.take(
                "tree",
                "open " + path,
                Call.OPEN_TREE,
                Constants.CWD,
                new Text(path),
                Argument.flags(Constants.OPEN_TREE_CLONE, Constants.OPEN_TREE_CLOEXEC, Constants.AT_RECURSIVE));
        user.translate(tape, tree, path);
        MountSteps.setAttributes(tape, "guard " + path, tree, new MountAttributes(false, true, 0), true);
        tape.add(
                "mount %s on /".formatted(path),
                Call.MOVE_MOUNT,
                new From(tree),
                new Text(""),
                Constants.CWD,
                new Text(path),
                new Argument.Value(4, "itself"));
        return directory.path();
    }
}
