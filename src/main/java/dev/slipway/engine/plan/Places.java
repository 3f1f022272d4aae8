package dev.slipway.engine.plan;

import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Paths;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Opening;
import dev.slipway.engine.plan.Argument.Text;
import java.util.List;

/// Opens paths below a directory that is not trusted, and makes what is missing. No path leaves it, whatever links lie
/// there.
///
/// @param root the directory
/// @param resolve how openat2(2) keeps paths inside
/// @param making how what is missing is made
/// @spec https://man7.org/linux/man-pages/man2/openat2.2.html openat2(2)
record Places(Slot root, long resolve, Making making) {
    private static final int DIRECTORY_MODE = 0755;
    private static final int FILE_MODE = 0644;
    /// In what statx(2) tells: of 16 bits, here the lowest of 64.
    private static final Argument.Scratch MODE = new Argument.Scratch(28);

    private static final long PERMISSIONS = 01777;
    private static final int STATX_MODE = 2;

    /// How what is missing is made.
    enum Making {
        /// With the usual mode.
        PLAIN,
        /// As [#PLAIN], and a link that leads nowhere gives way to what is made: the container's root is thrown
        /// away or its own, other trees are somebody's.
        REPLACING,
        /// Directories with the mode of the one they are made in, so that whoever may write to a volume may
        /// write to a part of it; what belongs to a group there hands that down by itself.
        ///
        /// @spec https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath Kubernetes: Using subPath
        LIKE_ROOT
    }

    /// Of the container: absolute links lead to its own root.
    static Places ofContainer(Slot root) {
        return new Places(root, Opening.IN_ROOT | Opening.NO_MAGICLINKS, Making.REPLACING);
    }

    /// Of what Slipway itself mounts, where an image has no business to put links.
    static Places ofSlipway(Slot root) {
        return new Places(root, Opening.IN_ROOT | Opening.NO_MAGICLINKS | Opening.NO_SYMLINKS, Making.PLAIN);
    }

    /// Of the container, to be taken as they are.
    static Places ofProcess(Slot root) {
        return new Places(root, Opening.IN_ROOT | Opening.NO_MAGICLINKS, Making.PLAIN);
    }

    /// Of an image that is mounted apart: absolute links lead to its own root.
    static Places ofImage(Slot root) {
        return new Places(root, Opening.IN_ROOT | Opening.NO_MAGICLINKS, Making.PLAIN);
    }

    /// Of a volume that containers write to: a link that would leave it is refused.
    static Places ofVolume(Slot root) {
        return new Places(root, Opening.BENEATH | Opening.NO_MAGICLINKS, Making.LIKE_ROOT);
    }

    /// Opens `path`, a directory or a file, and makes it when it is not there.
    ///
    /// @param path for words; absolute inside the container
    Slot make(Tape tape, String path, Mount.Kind kind) {
        Slot place = tape.slot(path);
        List<String> names = Paths.names(path);
        List<OpenFlag> flags =
                kind == Mount.Kind.DIRECTORY ? List.of(OpenFlag.PATH, OpenFlag.DIRECTORY) : List.of(OpenFlag.PATH);
        String below = relative(names);
        String words = making == Making.LIKE_ROOT
                ? "open sub-path %s, which must not lead out of its volume".formatted(below)
                : "open " + path;
        Step open = open(words, below, flags, 0).into(place).tolerating(Errno.ENOENT);
        tape.addOrElse(open, missing -> makeAll(missing, names, kind, place));
        return place;
    }

    /// Opens what must be there.
    Step open(String words, String path, List<OpenFlag> flags, int mode) {
        return Step.of(
                words,
                Call.OPENAT2,
                new From(root),
                new Text(path),
                new Opening(flags, mode, resolve),
                Argument.number(24));
    }

    private void makeAll(Tape tape, List<String> names, Mount.Kind kind, Slot place) {
        Argument mode = making == Making.LIKE_ROOT ? modeOfRoot(tape) : mode(DIRECTORY_MODE);
        Slot parent = root;
        for (int i = 0; i < names.size(); i++) {
            boolean last = i == names.size() - 1;
            Slot next = last ? place : tape.slot("parent");
            makeOne(tape, parent, names.subList(0, i + 1), last ? kind : Mount.Kind.DIRECTORY, mode, next);
            parent = next;
        }
    }

    /// The mode of the root, to make directories with as it is.
    private Argument modeOfRoot(Tape tape) {
        tape.add(
                "look at the mode above",
                Call.STATX,
                new From(root),
                new Text(""),
                Constants.AT_EMPTY_PATH,
                Argument.number(STATX_MODE),
                new Argument.Scratch(0));
        tape.add("keep the permissions", Call.MASK, MODE, new Argument.Value(PERMISSIONS, "01777"));
        tape.add("mask no permissions", Call.UMASK, Argument.number(0));
        return new From(tape.take("mode", "take the permissions", Call.LOAD, MODE));
    }

    private void makeOne(Tape tape, Slot parent, List<String> names, Mount.Kind kind, Argument mode, Slot into) {
        String path = String.join("/", names);
        List<OpenFlag> flags = kind == Mount.Kind.DIRECTORY
                ? List.of(OpenFlag.PATH, OpenFlag.DIRECTORY)
                : List.of(OpenFlag.READ, OpenFlag.CREATE, OpenFlag.NONBLOCK, OpenFlag.NOT_CONTROLLING);
        Step open = open("make /" + path, path, flags, kind == Mount.Kind.DIRECTORY ? 0 : FILE_MODE)
                .into(into);
        makeDirectory(tape, parent, names, kind, mode);
        if (making != Making.REPLACING) {
            tape.add(open);
            return;
        }
        tape.addOrElse(open.tolerating(Errno.ENOENT), broken -> {
            broken.add(
                    "remove the broken link /" + path,
                    Call.UNLINKAT,
                    new From(parent),
                    new Text(names.getLast()),
                    Constants.REMOVE_FILE);
            makeDirectory(broken, parent, names, kind, mode);
            broken.add(open);
        });
    }

    private static void makeDirectory(Tape tape, Slot parent, List<String> names, Mount.Kind kind, Argument mode) {
        if (kind == Mount.Kind.DIRECTORY) {
            tape.add(Step.of(
                            "make /" + String.join("/", names),
                            Call.MKDIRAT,
                            new From(parent),
                            new Text(names.getLast()),
                            mode)
                    .tolerating(Errno.EEXIST));
        }
    }

    static Argument.Value mode(int mode) {
        return new Argument.Value(mode, "0" + Integer.toOctalString(mode));
    }

    private static String relative(List<String> names) {
        return names.isEmpty() ? "." : String.join("/", names);
    }
}
