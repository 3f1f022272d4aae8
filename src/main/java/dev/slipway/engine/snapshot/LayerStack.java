package dev.slipway.engine.snapshot;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.oci.ChainId;
import dev.slipway.engine.oci.DiffId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Some layers on top of one another, and where they are. Reads only.
///
/// @param layers bottom first
record LayerStack(SnapshotFiles files, List<DiffId> layers) {
    /// As many as overlayfs takes.
    private static final int MOST_LOWERS = 500;

    private static final byte[] SELF = {'.'};

    /// As [Snapshots#lowers].
    List<Path> lowers() throws IOException {
        At at = new At();
        Set<Path> trees = new LinkedHashSet<>();
        for (int height = layers.size(); height > 0; height--) {
            trees.addAll(trees(height));
            if (hidesAllBelow(at, files.tree(layers.get(height - 1)))) {
                break;
            }
        }
        if (trees.size() > MOST_LOWERS) {
            throw new IOException(
                    "stack layers: overlayfs takes at most %d, not %d".formatted(MOST_LOWERS, trees.size()));
        }
        return List.copyOf(trees);
    }

    /// The trees of each layer, topmost first.
    List<List<Path>> trees() throws IOException {
        List<List<Path>> all = new ArrayList<>();
        for (int height = layers.size(); height > 0; height--) {
            all.add(trees(height));
        }
        return all;
    }

    /// As [Snapshots#opening], for the topmost layer.
    Optional<Opening> opening() throws IOException {
        DiffId layer = layers.getLast();
        if (!leavesOpen(layer)) {
            return Optional.empty();
        }
        Path tree = files.tree(layer);
        DiffId joint = joint(layers.size());
        if (layers.size() > 1 && Files.isDirectory(files.tree(joint), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        LayerStack rest = new LayerStack(files, layers.subList(0, layers.size() - 1));
        List<Path> below = hidesAllBelow(new At(), tree) ? List.of() : rest.lowers();
        return Optional.of(new Opening(layer, joint, tree, SnapshotFiles.looseEnds(files.layer(layer)), below));
    }

    /// That of the layer at a height, counted from 1, and before it that of its joint, if it has one with something
    /// in it.
    private List<Path> trees(int height) throws IOException {
        DiffId layer = layers.get(height - 1);
        Path tree = files.tree(layer);
        if (height == 1 || !leavesOpen(layer)) {
            return List.of(tree);
        }
        Path joint = files.tree(joint(height));
        return isEmpty(joint) ? List.of(tree) : List.of(joint, tree);
    }

    private boolean leavesOpen(DiffId layer) {
        return Files.exists(SnapshotFiles.looseEnds(files.layer(layer)), LinkOption.NOFOLLOW_LINKS);
    }

    private DiffId joint(int height) {
        return new DiffId(ChainId.of(layers.subList(0, height)).digest());
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /// Overlayfs does not look at this mark of a root directory.
    private static boolean hidesAllBelow(At at, Path tree) throws IOException {
        try (Fd root = at.openHost(tree)) {
            return at.attribute(root, SELF, "trusted.overlay.opaque").length > 0;
        } catch (LinuxException e) {
            switch (e.errno()) {
                case ENODATA -> {
                    return false;
                }
                case ENOENT -> throw new NoSuchFileException(tree.toString(), null, "layer is not there");
                default -> throw e;
            }
        }
    }
}
