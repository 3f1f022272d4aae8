package dev.slipway.engine.snapshot;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// Counts what a tree takes on disk, a file with several names once. For one thread.
final class TreeSize {
    private static final int BLOCK_BYTES = 512;

    private final At at = new At();
    private final Set<Long> linked = new HashSet<>();
    private long blocks;

    private TreeSize() {}

    static long bytes(Path tree) throws IOException {
        TreeSize size = new TreeSize();
        try (Fd root = size.at.openHost(tree);
                Fd directory = size.at.openChild(root, new byte[] {'.'})) {
            size.addBelow(directory);
        }
        return size.blocks * BLOCK_BYTES;
    }

    private void addBelow(Fd directory) throws IOException {
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, directory)) {
            FileStat stat = at.stat(directory, entry.name());
            if (stat.isDirectory()) {
                try (Fd child = at.openChild(directory, entry.name())) {
                    addBelow(child);
                }
            }
            if (stat.isDirectory() || stat.links() == 1 || linked.add(stat.inode())) {
                blocks += stat.blocks();
            }
        }
    }
}
