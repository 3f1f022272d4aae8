package dev.slipway.engine.build;

import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.tree.FileFacts;
import dev.slipway.engine.tree.ImageView;
import dev.slipway.engine.tree.LayerPlan;
import dev.slipway.engine.tree.SourceTree;
import dev.slipway.engine.tree.SourceWalk;
import dev.slipway.engine.tree.TreeNode;
import dev.slipway.engine.tree.TreeWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;

/// Makes the trees of single steps in a directory, without an image store.
final class TreeRig implements AutoCloseable {
    private final Path root;
    private final FileFacts facts = new FileFacts(InstantSource.system());
    private final SourceTree host;
    private int trees;

    TreeRig(Path root) throws IOException {
        this.root = root;
        this.host = SourceTree.of("/");
    }

    Selection select(boolean libraries, String... paths) throws IOException {
        return HostSelection.of(new BuildStep.CopyFromHost(List.of(paths), libraries), new SourceWalk(host, facts));
    }

    /// The tree of one layer that holds files of the host.
    Path copied(Selection selection, Path... lowers) throws IOException {
        return written(planned(selection, lowers));
    }

    static SortedMap<String, TreeNode> planned(Selection selection, Path... lowers) throws IOException {
        try (ImageView below = ImageView.open(List.of(lowers))) {
            LayerPlan plan = new LayerPlan(below);
            selection.place(plan);
            return plan.complete();
        }
    }

    Path written(SortedMap<String, TreeNode> nodes) throws IOException {
        Path tree = Files.createDirectory(root.resolve("tree-" + trees++));
        TreeWriter.write(nodes, tree);
        return tree;
    }

    @Override
    public void close() throws IOException {
        host.close();
        for (int i = 0; i < trees; i++) {
            TreeRemoval.remove(root.resolve("tree-" + i));
        }
    }
}
