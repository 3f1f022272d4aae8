package dev.slipway.engine.build;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Finds what a step copies from its context: one file, or all that is in a directory. Links within it stay links.
final class ContextSelection {
    private ContextSelection() {}

    /// The one wish is where `from` really is.
    static Selection of(BuildStep.CopyFromContext step, SourceWalk walk) throws IOException {
        SourceWalk.Way way = walk.follow(step.from());
        TreeMap<String, TreeNode> nodes = new TreeMap<>();
        if (way.end().isEmpty() || walk.node(way) instanceof TreeNode.Directory) {
            for (Map.Entry<String, SourceWalk.Seen> entry :
                    walk.below(way.end()).entrySet()) {
                nodes.put(entry.getKey(), dressed(entry.getValue().node(), step));
            }
        } else {
            nodes.put(way.end(), dressed(walk.node(way), step));
        }
        return new Selection(List.of(way.end()), nodes);
    }

    /// As the step says that files shall be.
    private static TreeNode dressed(TreeNode node, BuildStep.CopyFromContext step) {
        Integer mode = step.mode();
        return switch (node) {
            case TreeNode.Directory directory ->
                new TreeNode.Directory(mode == null ? directory.mode() : searchable(mode), step.owner());
            case TreeNode.File file ->
                new TreeNode.File(file.content(), mode == null ? file.mode() : mode, step.owner(), file.attributes());
            case TreeNode.Symlink link -> new TreeNode.Symlink(link.target(), step.owner());
            case TreeNode.Special special -> new TreeNode.Special(special.mode(), special.device(), step.owner());
        };
    }

    /// Who may read a directory may enter it.
    private static int searchable(int mode) {
        return mode | (mode & 0444) >> 2;
    }

    /// Puts the selection where the step says.
    static void place(BuildStep.CopyFromContext step, Selection selection, LayerPlan plan) throws IOException {
        String from = selection.wishes().getFirst();
        TreeNode single = selection.nodes().get(from);
        if (single != null) {
            boolean into = step.to().endsWith("/") || plan.leadsToDirectory(step.to());
            putFile(into ? step.to() + "/" + ImagePath.name(from) : step.to(), single, plan);
            return;
        }
        String top = plan.directory(step.to());
        int skipped = from.isEmpty() ? 0 : from.length() + 1;
        for (Map.Entry<String, TreeNode> entry : selection.nodes().entrySet()) {
            String place = ImagePath.join(top, entry.getKey().substring(skipped));
            if (entry.getValue() instanceof TreeNode.Directory && plan.leadsToDirectory(place)) {
                continue;
            }
            String directory = plan.directory(ImagePath.parent(place));
            plan.put(ImagePath.join(directory, ImagePath.name(place)), entry.getValue());
        }
    }

    /// Puts one file at the place to which `to` leads.
    static void putFile(String to, TreeNode file, LayerPlan plan) throws IOException {
        String path = String.join("/", ImagePath.names(to));
        String directory = plan.directory(ImagePath.parent(path));
        plan.put(ImagePath.join(directory, ImagePath.name(path)), file);
    }
}
