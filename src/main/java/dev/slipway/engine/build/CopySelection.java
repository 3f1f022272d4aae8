package dev.slipway.engine.build;

import dev.slipway.engine.tree.FileOwner;
import dev.slipway.engine.tree.IgnoreRules;
import dev.slipway.engine.tree.ImagePath;
import dev.slipway.engine.tree.LayerPlan;
import dev.slipway.engine.tree.SourceWalk;
import dev.slipway.engine.tree.TreeNode;
import dev.slipway.engine.tree.Wildcards;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a copy step takes, whoever it will belong to: files, and all that is in directories. Links within those stay
/// links.
///
/// @param nodes by the path that they really have in the source, with the modes that the step says
record CopySelection(List<Item> items, SortedMap<String, TreeNode> nodes) {
    CopySelection {
        items = List.copyOf(items);
    }

    /// One path that the step names.
    ///
    /// @param name what a file is called at its new place
    /// @param end where it really is
    record Item(String name, String end) {}

    static CopySelection of(BuildStep.Copy step, SourceWalk walk, IgnoreRules ignored) throws IOException {
        List<Item> items = new ArrayList<>();
        TreeMap<String, TreeNode> nodes = new TreeMap<>();
        for (String pattern : step.from()) {
            List<String> paths = expand(pattern, walk, ignored);
            if (paths.isEmpty()) {
                throw new NoSuchFileException("nothing to copy matches " + pattern);
            }
            for (String path : paths) {
                items.add(take(path, step, walk, ignored, nodes));
            }
        }
        return new CopySelection(items, nodes);
    }

    private static List<String> expand(String pattern, SourceWalk walk, IgnoreRules ignored) throws IOException {
        List<String> paths = walk.expand(pattern, Wildcards.GO);
        return Wildcards.GO.isPattern(pattern)
                ? paths.stream().filter(path -> !ignored.leavesOut(path)).toList()
                : paths;
    }

    private static Item take(
            String path, BuildStep.Copy step, SourceWalk walk, IgnoreRules ignored, Map<String, TreeNode> nodes)
            throws IOException {
        SourceWalk.Way way = walk.follow(path);
        if (way.end().isEmpty() || walk.node(way) instanceof TreeNode.Directory) {
            walk.below(way.end(), ignored).forEach((below, seen) -> nodes.put(below, withMode(seen.node(), step)));
        } else if (ignored.leavesOut(way.end())) {
            throw new NoSuchFileException(way.end() + " is left out by .dockerignore");
        } else {
            nodes.put(way.end(), withMode(walk.node(way), step));
        }
        return new Item(ImagePath.name(String.join("/", ImagePath.names(path))), way.end());
    }

    /// What is not of another image belongs to nobody yet, so that the key is the same whoever has the context.
    private static TreeNode withMode(TreeNode node, BuildStep.Copy step) {
        Integer mode = step.mode();
        TreeNode moded =
                switch (node) {
                    case TreeNode.Directory directory ->
                        new TreeNode.Directory(mode == null ? directory.mode() : searchable(mode), node.owner());
                    case TreeNode.File file ->
                        new TreeNode.File(
                                file.content(), mode == null ? file.mode() : mode, node.owner(), file.attributes());
                    case TreeNode.Symlink link -> link;
                    case TreeNode.Special special -> special;
                };
        return step.owner().isEmpty() ? moded : owned(moded, FileOwner.ROOT);
    }

    /// Who may read a directory may enter it.
    private static int searchable(int mode) {
        return mode | (mode & 0444) >> 2;
    }

    void addTo(StepKey key) {
        items.forEach(item -> key.add(item.name()));
        new Selection(items.stream().map(Item::end).toList(), nodes).addTo(key);
    }

    /// Puts all of it where the step says.
    ///
    /// @param owner also of directories that are missing on the way; null to leave each file its own
    void place(String to, @Nullable FileOwner owner, LayerPlan plan) throws IOException {
        place(to, owner, plan, (name, file) -> false);
    }

    /// Files that are not put where they belong as they are.
    interface Exceptions {
        /// Does something else with a file that the step names, unless it is one like others.
        ///
        /// @return whether it has
        boolean takes(String name, TreeNode.File file) throws IOException;
    }

    void place(String to, @Nullable FileOwner owner, LayerPlan plan, Exceptions exceptions) throws IOException {
        boolean intoDirectory = to.endsWith("/") || plan.leadsToDirectory(to);
        FileOwner ofMade = Objects.requireNonNullElse(owner, FileOwner.ROOT);
        for (Item item : items) {
            TreeNode node = nodes.get(item.end());
            if (node == null || node instanceof TreeNode.Directory) {
                placeBelow(item.end(), plan.directory(to, ofMade), owner, plan);
            } else if (!(node instanceof TreeNode.File file && exceptions.takes(item.name(), file))) {
                if (items.size() > 1 && !intoDirectory) {
                    throw new IOException("several files are copied to %s: that must end with a slash".formatted(to));
                }
                putFile(intoDirectory ? to + "/" + item.name() : to, owned(node, owner), ofMade, plan);
            }
        }
    }

    private void placeBelow(String directory, String top, @Nullable FileOwner owner, LayerPlan plan)
            throws IOException {
        int skipped = directory.isEmpty() ? 0 : directory.length() + 1;
        SortedMap<String, TreeNode> below =
                directory.isEmpty() ? nodes : nodes.subMap(directory + "/", directory + "0");
        for (Map.Entry<String, TreeNode> entry : below.entrySet()) {
            String place = ImagePath.join(top, entry.getKey().substring(skipped));
            if (entry.getValue() instanceof TreeNode.Directory && plan.leadsToDirectory(place)) {
                continue;
            }
            String parent = plan.directory(ImagePath.parent(place));
            plan.put(ImagePath.join(parent, ImagePath.name(place)), owned(entry.getValue(), owner));
        }
    }

    static TreeNode owned(TreeNode node, @Nullable FileOwner owner) {
        if (owner == null) {
            return node;
        }
        return switch (node) {
            case TreeNode.Directory directory -> new TreeNode.Directory(directory.mode(), owner);
            case TreeNode.File file -> new TreeNode.File(file.content(), file.mode(), owner, file.attributes());
            case TreeNode.Symlink link -> new TreeNode.Symlink(link.target(), owner);
            case TreeNode.Special special -> new TreeNode.Special(special.mode(), special.device(), owner);
        };
    }

    /// Puts one file at the place to which `to` leads.
    ///
    /// @param ofMade owner of directories that are missing on the way
    static void putFile(String to, TreeNode file, FileOwner ofMade, LayerPlan plan) throws IOException {
        String path = String.join("/", ImagePath.names(to));
        String directory = plan.directory(ImagePath.parent(path), ofMade);
        plan.put(ImagePath.join(directory, ImagePath.name(path)), file);
    }
}
