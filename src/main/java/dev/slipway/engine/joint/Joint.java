package dev.slipway.engine.joint;

import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.LooseEnds;
import dev.slipway.engine.layer.MalformedLayerException;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileContent;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the tree of one joint. For one thread.
public final class Joint {
    private static final byte[] SELF = {'.'};
    private static final int FIRST_MODE = 0700;
    private static final int BLOCK_BYTES = 512;
    private static final String ACCESS_LISTS = "system.posix_acl_";

    private final At at = new At();
    private final FileContent content = new FileContent(at);
    private final LooseEnds ends;
    private final Trio roots;
    private final List<Path> stack;
    private final long mostBytes;
    private long bytes;

    private Joint(LooseEnds ends, Trio roots, List<Path> stack, long mostBytes) {
        this.ends = ends;
        this.roots = roots;
        this.stack = stack;
        this.mostBytes = mostBytes;
    }

    /// Joins a layer with what is below it.
    ///
    /// @param tree of the layer
    /// @param below the trees below it, topmost first; none for the lowest layer, and for one that hides all others
    /// @param directory is there and empty; gets the tree of the joint
    /// @param limits as for a layer: the files that links lead to have no more bytes together
    /// @throws MalformedLayerException when a hard link leads to what nobody has, or to too much
    public static void make(LooseEnds ends, Path tree, List<Path> below, Path directory, LayerLimits limits)
            throws IOException {
        if (below.isEmpty()) {
            check(ends);
            return;
        }
        At at = new At();
        List<Path> stack = new ArrayList<>(List.of(tree));
        stack.addAll(below);
        try (Fd own = at.openHost(tree);
                Fd under = merged(at, below);
                Fd made = at.openHost(directory)) {
            new Joint(ends, new Trio(own, under, made), stack, limits.bytes()).run();
        }
    }

    /// That a layer with nothing below it needs nothing.
    ///
    /// @throws MalformedLayerException when it has a hard link to what it does not have
    public static void check(LooseEnds ends) throws IOException {
        if (!ends.links().isEmpty()) {
            throw ends.links().getFirst().leadsNowhere();
        }
    }

    private static Fd merged(At at, List<Path> trees) throws IOException {
        return trees.size() == 1 ? at.openHost(trees.getFirst()) : Mounts.mergedLayers(trees);
    }

    private void run() throws IOException {
        Set<String> newOnes = new HashSet<>();
        for (String path : ends.directories()) {
            checkInterrupt();
            if (newOnes.contains(parent(path)) || !isBelowToo(path)) {
                newOnes.add(path);
            } else {
                make(path).close();
            }
        }
        if (!ends.links().isEmpty()) {
            try (Fd root = merged(at, stack)) {
                MergedView merged = new MergedView(at, root);
                for (LooseEnds.Link link : ends.links()) {
                    checkInterrupt();
                    add(link, merged);
                }
            }
        }
        Fd own = Objects.requireNonNull(roots.own());
        content.copyAttributes(own, Objects.requireNonNull(roots.made()), SELF, at.stat(own, SELF));
    }

    private boolean isBelowToo(String path) throws IOException {
        try (Trio found = find(path)) {
            return found.own() != null && found.below() != null;
        }
    }

    private static void checkInterrupt() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while joining layers");
        }
    }

    /// The directory at a path that leads through no links.
    private Trio find(String path) throws IOException {
        return walk(roots, path);
    }

    private Trio walk(Trio from, String path) throws IOException {
        Trio place = from.again(at);
        for (String name : names(path)) {
            try (Trio parent = place) {
                place = parent.child(at, bytes(name));
            }
        }
        return place;
    }

    /// As [#find], and makes it in the joint where it is missing.
    private Trio make(String path) throws IOException {
        Trio place = roots.again(at);
        StringBuilder whole = new StringBuilder();
        for (String name : names(path)) {
            whole.append(whole.isEmpty() ? "" : "/").append(name);
            try (Trio parent = place) {
                place = make(parent, bytes(name), ends.directories().contains(whole.toString()));
            }
        }
        return place;
    }

    /// @param isLoose whether the layer does not say how it looks
    private Trio make(Trio parent, byte[] name, boolean isLoose) throws IOException {
        Trio found = parent.child(at, name);
        if (found.made() != null) {
            return found;
        }
        try (found) {
            boolean isOfLayer = found.own() != null && !(isLoose && found.below() != null);
            Fd like = Objects.requireNonNull(isOfLayer ? parent.own() : parent.below());
            Fd into = Objects.requireNonNull(parent.made());
            keepingTime(into, () -> {
                at.makeDirectory(into, name, FIRST_MODE);
                dropInherited(into, name);
                content.copyAttributes(like, into, name, at.stat(like, name));
            });
        }
        return parent.child(at, name);
    }

    private void add(LooseEnds.Link link, MergedView merged) throws IOException {
        String name = last(link.name());
        try (Trio parent = find(parent(link.name()))) {
            boolean isReplaced = parent.own() == null
                    || at.find(parent.own(), bytes(name))
                            .filter(own -> !own.isWhiteout())
                            .isPresent();
            if (isReplaced) {
                return;
            }
        }
        String target = copiedUp(link, merged);
        if (target.equals(link.name())) {
            return;
        }
        if (target.startsWith(link.name() + "/")) {
            // It takes the place of the directory that the file is in.
            throw link.leadsNowhere();
        }
        try (Trio from = make(parent(target));
                Trio to = make(parent(link.name()))) {
            Fd into = Objects.requireNonNull(to.made());
            keepingTime(into, () -> {
                if (at.find(into, bytes(name)).isPresent()) {
                    TreeRemoval.removeAll(at, into, bytes(name));
                }
                at.makeLink(Objects.requireNonNull(from.made()), bytes(last(target)), into, bytes(name));
            });
        }
    }

    /// Makes sure that the joint has the file that a link leads to.
    ///
    /// @return where it is
    private String copiedUp(LooseEnds.Link link, MergedView merged) throws IOException {
        String last = text(link.target().last());
        String path = place(link, merged);
        if (isMade(path)) {
            return path;
        }
        try (Fd source = source(path)) {
            Optional<FileStat> file = source == null ? Optional.empty() : at.find(source, bytes(last));
            if (source == null || !isFile(file)) {
                throw link.leadsNowhere();
            }
            count(link, file.orElseThrow());
            try (Trio parent = make(parent(path))) {
                Fd into = Objects.requireNonNull(parent.made());
                keepingTime(into, () -> content.copyNode(source, into, bytes(last), file.orElseThrow()));
            }
        }
        return path;
    }

    /// What a copy takes on the disk.
    private void count(LooseEnds.Link link, FileStat file) throws MalformedLayerException {
        bytes += file.blocks() * BLOCK_BYTES;
        if (bytes > mostBytes) {
            throw new MalformedLayerException(
                    "layer entry %s: the files of lower layers that hard links lead to have more than the %d bytes that are allowed"
                            .formatted(link, mostBytes));
        }
    }

    private boolean isMade(String path) throws IOException {
        try (Trio parent = find(parent(path))) {
            return parent.made() != null && isFile(at.find(parent.made(), bytes(last(path))));
        }
    }

    /// Where a link's target is, with all links on the way to it followed inside the merged layers.
    private String place(LooseEnds.Link link, MergedView merged) throws IOException {
        String last = text(link.target().last());
        String directory = merged.directory(text(link.target().parent())).orElseThrow(link::leadsNowhere);
        String path = join(directory, last);
        if (!isFile(merged.find(directory, last)) && !isMade(path)) {
            throw link.leadsNowhere();
        }
        return path;
    }

    /// The directory of a file in the topmost tree that has the file, so that its blocks can be shared; null if
    /// none has it. The merged layers show the file, so nothing above hides it.
    private @Nullable Fd source(String path) throws IOException {
        for (Path tree : stack) {
            try (Trio parent = in(tree, parent(path))) {
                if (parent.own() != null
                        && at.find(parent.own(), bytes(last(path))).isPresent()) {
                    return at.openChild(parent.own(), SELF);
                }
            }
        }
        return null;
    }

    private Trio in(Path tree, String path) throws IOException {
        try (Trio root = new Trio(at.openHost(tree), null, null)) {
            return walk(root, path);
        }
    }

    private static boolean isFile(Optional<FileStat> found) {
        return found.filter(file -> !file.isDirectory() && !file.isWhiteout()).isPresent();
    }

    private interface Change {
        void run() throws IOException;
    }

    /// A directory is as old as before.
    private void keepingTime(Fd directory, Change change) throws IOException {
        FileStat before = at.stat(directory, SELF);
        change.run();
        at.setTime(directory, SELF, before.seconds(), before.nanos());
    }

    /// What a new directory has from that which it is in, and that it is like has not.
    private void dropInherited(Fd directory, byte[] name) throws IOException {
        String attributes = new String(at.attributeNames(directory, name), StandardCharsets.UTF_8);
        for (String attribute : attributes.split("\0")) {
            if (attribute.startsWith(ACCESS_LISTS)) {
                at.removeAttribute(directory, name, attribute);
            }
        }
    }

    private static String[] names(String path) {
        return path.isEmpty() ? new String[0] : path.split("/");
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String join(String parent, String name) {
        return parent.isEmpty() ? name : parent + "/" + name;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
