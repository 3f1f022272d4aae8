package dev.slipway.engine.tree;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A directory that holds the difference to what is below it, with the marks of overlayfs: what a program has written
/// in a container, or a part of a layer. Programs can nest directories deeper than a stack is: a tree of more than
/// [#DEEPEST] inside one another is refused. For one thread.
///
/// @spec https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories overlayfs: whiteouts
public final class OverlayTree {
    /// How many directories may be inside one another, as in a layer.
    static final int DEEPEST = 1000;

    static final String OPAQUE = "trusted.overlay.opaque";
    private static final byte[] SELF = {'.'};
    private static final byte[] YES = {'y'};

    private final At at = new At();

    /// Puts the difference in `upper` on top of the one in `lower`, which then is both as one; `upper` is left
    /// empty. Both are on one file system. What says nothing any more, because only `lower` had it, stays for
    /// [#tidy].
    public void merge(Path upper, Path lower) throws IOException {
        try (Fd from = open(upper);
                Fd onto = open(lower)) {
            merge(from, onto, 0);
        }
    }

    private void merge(Fd from, Fd onto, int depth) throws IOException {
        checkDepth(depth);
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, from)) {
            byte[] name = entry.name();
            Optional<FileStat> there = at.find(onto, name);
            if (entry.isDirectory() && there.filter(FileStat::isDirectory).isPresent()) {
                mergeDirectory(from, onto, name, depth);
                continue;
            }
            if (there.isPresent()) {
                TreeRemoval.removeAll(at, onto, name);
            }
            at.rename(from, name, onto, name);
            if (entry.isDirectory() && there.isPresent()) {
                // It took the place of something that hid what is below.
                at.setAttribute(onto, name, OPAQUE, YES);
            }
        }
    }

    private void mergeDirectory(Fd from, Fd onto, byte[] name, int depth) throws IOException {
        if (isOpaque(from, name)) {
            TreeRemoval.removeAll(at, onto, name);
            at.rename(from, name, onto, name);
            return;
        }
        try (Fd upper = at.openChild(from, name);
                Fd lower = at.openChild(onto, name)) {
            merge(upper, lower, depth + 1);
            takeLooks(from, onto, name);
        }
    }

    /// Owner, mode and attributes of a directory are those that the upper one has.
    private void takeLooks(Fd from, Fd onto, byte[] name) throws IOException {
        FileStat stat = at.stat(from, name);
        at.changeOwner(onto, name, Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid()));
        at.changeMode(onto, name, stat.permissions());
        for (String attribute : attributes(onto, name)) {
            if (!attribute.startsWith("trusted.overlay.")) {
                at.removeAttribute(onto, name, attribute);
            }
        }
        for (String attribute : attributes(from, name)) {
            if (!attribute.startsWith("trusted.overlay.")) {
                at.setAttribute(onto, name, attribute, at.attribute(from, name, attribute));
            }
        }
    }

    /// Takes out of a difference what makes none: whiteouts of nothing, directories that are as those below and
    /// hold nothing, marks that hide nothing, and sockets, which live with their programs. Every file gets the time
    /// [TreeWriter#AGE].
    ///
    /// @param lowers what is below, topmost first
    public void tidy(Path difference, List<Path> lowers) throws IOException {
        try (Fd tree = open(difference);
                ImageView below = ImageView.open(lowers)) {
            tidy(tree, below.root(), 0);
            age(tree, SELF);
        }
    }

    /// @return whether nothing is left in it
    private boolean tidy(Fd tree, @Nullable Fd below, int depth) throws IOException {
        checkDepth(depth);
        boolean empty = true;
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, tree)) {
            byte[] name = entry.name();
            FileStat stat = at.stat(tree, name);
            Optional<FileStat> hidden =
                    below == null ? Optional.empty() : at.find(below, name).filter(there -> !there.isWhiteout());
            if (stat.type() == FileStat.SOCKET || stat.isWhiteout() && hidden.isEmpty()) {
                at.removeFile(tree, name);
            } else if (stat.isDirectory()) {
                empty &= tidyDirectory(tree, name, below, hidden, depth);
            } else {
                age(tree, name);
                empty = false;
            }
        }
        return empty;
    }

    /// @return whether it was removed
    private boolean tidyDirectory(Fd tree, byte[] name, @Nullable Fd below, Optional<FileStat> hidden, int depth)
            throws IOException {
        boolean opaque = isOpaque(tree, name);
        boolean merges = below != null && hidden.filter(FileStat::isDirectory).isPresent();
        if (opaque && hidden.isEmpty()) {
            at.removeAttribute(tree, name, OPAQUE);
        }
        boolean empty;
        try (Fd child = at.openChild(tree, name)) {
            if (merges && below != null && !opaque) {
                try (Fd childBelow = at.openChild(below, name)) {
                    empty = tidy(child, childBelow, depth + 1);
                }
            } else {
                empty = tidy(child, null, depth + 1);
            }
        }
        if (empty && merges && below != null && !opaque && looksAlike(tree, below, name)) {
            at.removeDirectory(tree, name);
            return true;
        }
        age(tree, name);
        return false;
    }

    private static void checkDepth(int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("more than %d directories are inside one another".formatted(DEEPEST));
        }
    }

    private boolean looksAlike(Fd tree, Fd below, byte[] name) throws IOException {
        FileStat one = at.stat(tree, name);
        FileStat other = at.stat(below, name);
        return one.mode() == other.mode()
                && one.uid() == other.uid()
                && one.gid() == other.gid()
                && attributes(tree, name).stream().allMatch(attribute -> attribute.startsWith("trusted.overlay."));
    }

    private Fd open(Path directory) throws IOException {
        try (Fd path = at.openHost(directory)) {
            return at.openChild(path, SELF);
        }
    }

    private void age(Fd directory, byte[] name) throws IOException {
        at.setTime(directory, name, TreeWriter.AGE.getEpochSecond(), 0);
    }

    private boolean isOpaque(Fd directory, byte[] name) throws IOException {
        return attributes(directory, name).contains(OPAQUE)
                && Arrays.equals(at.attribute(directory, name, OPAQUE), YES);
    }

    private List<String> attributes(Fd directory, byte[] name) throws IOException {
        String names = new String(at.attributeNames(directory, name), StandardCharsets.UTF_8);
        return names.isEmpty() ? List.of() : List.of(names.split("\0"));
    }
}
