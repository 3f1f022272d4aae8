package dev.slipway.engine.build;

import dev.slipway.engine.tree.TreeNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/// What a step takes from a [SourceTree]. Equal selections make equal layers on equal bases.
///
/// @param wishes paths that shall be there in the image, links on the way included
/// @param nodes all that the wishes lead through and to, by the path it really has in the source
record Selection(List<String> wishes, SortedMap<String, TreeNode> nodes) {
    Selection {
        wishes = List.copyOf(wishes);
    }

    /// Adds all of it to a key.
    void addTo(StepKey key) {
        key.add("wishes", wishes.size());
        wishes.forEach(key::add);
        Map<TreeNode.Content, String> names = new HashMap<>();
        nodes.forEach((path, node) -> {
            key.add(path);
            add(key, path, node, names);
        });
    }

    private static void add(StepKey key, String path, TreeNode node, Map<TreeNode.Content, String> names) {
        key.add("owner", node.owner().uid());
        key.add("group", node.owner().gid());
        switch (node) {
            case TreeNode.Directory directory -> key.add("directory", directory.mode());
            case TreeNode.Symlink link -> key.add("link").add(link.target());
            case TreeNode.Special special -> {
                key.add("special", special.mode());
                key.add("device", special.device());
            }
            case TreeNode.File file -> {
                key.add("file", file.mode());
                key.add(file.content().digest().value());
                // Whether two names are one file makes a difference to the layer.
                String first = names.putIfAbsent(file.content(), path);
                key.add(first == null ? "" : first);
                file.attributes().forEach((name, value) -> key.add(name).add(value));
            }
        }
    }
}
