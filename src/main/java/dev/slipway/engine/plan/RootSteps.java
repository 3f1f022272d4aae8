package dev.slipway.engine.plan;

import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Mounts the root file system and makes it `/`.
final class RootSteps {
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

    private static Path mountOverlay(Tape tape, RootFilesystem.Overlay overlay, UserSteps user) {
        LayerSteps.requireFew(overlay.lowers());
        // Writes go through one mount: overlayfs wants upper and work on the same.
        List<Path> all = new ArrayList<>(overlay.lowers());
        all.add(overlay.writable());
        LayerSteps layers = LayerSteps.open(tape, all, user);
        int upper = layers.first() + overlay.lowers().size();
        String lowers = layers.names(overlay.lowers().size());
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
                "mount " + path + " on /",
                Call.MOVE_MOUNT,
                new From(tree),
                new Text(""),
                Constants.CWD,
                new Text(path),
                new Argument.Value(4, "itself"));
        return directory.path();
    }
}
