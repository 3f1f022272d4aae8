package dev.slipway.engine.build;

import dev.slipway.engine.tree.ImagePath;
import dev.slipway.engine.tree.LayerPlan;
import dev.slipway.engine.tree.TreeNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

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

    /// Puts what was taken from the host into a plan under the paths that it has there.
    void place(LayerPlan plan) throws IOException {
        new Placement(this, plan).run();
    }

    /// A walk through the host and a plan.
    ///
    /// A wish is walked in the host and in the image side by side, name by name. What the image lacks is made as on
    /// the host: directories with their modes, links with their targets. Where the image has a directory or a link
    /// of its own, that stays, and the walk goes on inside it; so `/bin/busybox` of a host whose `/bin` is a link
    /// also comes to
    /// `/bin/busybox` in an image where that is a directory.
    private static final class Placement {
        private final Selection selection;
        private final LayerPlan plan;

        Placement(Selection selection, LayerPlan plan) {
            this.selection = selection;
            this.plan = plan;
        }

        void run() throws IOException {
            for (String wish : selection.wishes()) {
                place(wish);
            }
        }

        private void place(String wish) throws IOException {
            Deque<String> rest = new ArrayDeque<>(ImagePath.names(wish));
            String source = "";
            String image = "";
            while (!rest.isEmpty()) {
                String name = rest.pop();
                if (name.equals("..")) {
                    source = ImagePath.parent(source);
                    image = ImagePath.parent(image);
                    continue;
                }
                String place = ImagePath.join(image, name);
                source = ImagePath.join(source, name);
                TreeNode node = node(source);
                boolean keepsOwn = leadsOn(source, rest) && isWay(plan.look(place));
                if (node instanceof TreeNode.Symlink link && !keepsOwn) {
                    plan.put(place, link);
                    boolean fromTop = link.target().startsWith("/");
                    source = fromTop ? "" : ImagePath.parent(source);
                    image = fromTop ? "" : image;
                    ImagePath.names(link.target()).reversed().forEach(rest::push);
                } else if (node instanceof TreeNode.File || node instanceof TreeNode.Special) {
                    plan.put(place, node);
                } else {
                    source = end(source);
                    image = keepsOwn ? plan.directory(place) : made(place, node);
                    if (rest.isEmpty()) {
                        placeBelow(source, image);
                    }
                }
            }
        }

        private static boolean isWay(@Nullable TreeNode node) {
            return node instanceof TreeNode.Directory || node instanceof TreeNode.Symlink;
        }

        /// Whether the walk goes on inside a directory, to which the image may have a way of its own.
        private boolean leadsOn(String source, Deque<String> rest) {
            return !rest.isEmpty() || node(end(source)) instanceof TreeNode.Directory;
        }

        private String made(String place, TreeNode node) throws IOException {
            plan.put(place, node);
            return place;
        }

        private TreeNode node(String source) {
            TreeNode node = source.isEmpty()
                    ? TreeNode.Directory.PLAIN
                    : selection.nodes().get(source);
            if (node == null) {
                throw new IllegalStateException("the selection lacks /" + source);
            }
            return node;
        }

        /// Where a path of the host leads, by the selection alone.
        private String end(String source) {
            Deque<String> rest = new ArrayDeque<>(ImagePath.names(source));
            String at = "";
            while (!rest.isEmpty()) {
                String name = rest.pop();
                String next = name.equals("..") ? ImagePath.parent(at) : ImagePath.join(at, name);
                if (node(next) instanceof TreeNode.Symlink link) {
                    at = link.target().startsWith("/") ? "" : at;
                    ImagePath.names(link.target()).reversed().forEach(rest::push);
                } else {
                    at = next;
                }
            }
            return at;
        }

        /// All that was selected below a directory of the host.
        private void placeBelow(String source, String image) throws IOException {
            SortedMap<String, TreeNode> below = selection.nodes().subMap(source + "/", source + "0");
            for (Map.Entry<String, TreeNode> entry : below.entrySet()) {
                String relative = entry.getKey().substring(source.length() + 1);
                String parent = plan.directory(ImagePath.join(image, ImagePath.parent(relative)));
                String place = ImagePath.join(parent, ImagePath.name(relative));
                boolean ownDirectory = plan.look(place) instanceof TreeNode.Directory
                        || plan.look(place) instanceof TreeNode.Symlink && plan.leadsToDirectory(place);
                boolean replaces = !(entry.getValue() instanceof TreeNode.Directory && ownDirectory);
                if (replaces) {
                    plan.put(place, entry.getValue());
                }
            }
        }
    }
}
