package dev.slipway.engine.tree;

import dev.slipway.engine.linux.FileStat;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a layer will hold, path by path. Places are found through the links and directories of the [ImageView] below,
/// and of the plan itself. For one thread.
public final class LayerPlan {
    private static final int MOST_LINKS = 40;

    private final ImageView below;
    private final String promised;
    private final SortedMap<String, TreeNode> nodes = new TreeMap<>();

    public LayerPlan(ImageView below) {
        this(below, "");
    }

    /// @param promised a directory that the image will have, though no layer has it yet; empty for none
    public LayerPlan(ImageView below, String promised) {
        this.below = below;
        this.promised = promised;
    }

    /// What the image has at `path` with this layer, links not followed.
    @Nullable
    public TreeNode look(String path) throws IOException {
        TreeNode planned = nodes.get(path);
        TreeNode there = planned != null ? planned : below.look(path);
        return there == null && isPromised(path) ? TreeNode.Directory.PLAIN : there;
    }

    private boolean isPromised(String path) {
        return promised.equals(path) || promised.startsWith(path + "/");
    }

    /// Puts `node` where nothing is, or in place of a file or link. A directory at the place of one takes its mode
    /// and owner; a directory is never replaced by anything else.
    public void put(String path, TreeNode node) throws IOException {
        boolean isDirectory = node instanceof TreeNode.Directory;
        if (path.isEmpty() || look(path) instanceof TreeNode.Directory && !isDirectory) {
            throw new IOException("/" + path + " is a directory in the image");
        }
        nodes.put(path, node);
    }

    /// Marks what the image has at `path` as deleted; that must lead through no link.
    public void hide(String path) {
        nodes.put(path, new TreeNode.Special(FileStat.CHARACTER_DEVICE, 0, FileOwner.ROOT));
    }

    /// The directory of the image to which `path` leads; what is missing on the way is made, and is root's.
    public String directory(String path) throws IOException {
        return directory(path, FileOwner.ROOT);
    }

    /// @param owner of what is made on the way
    public String directory(String path, FileOwner owner) throws IOException {
        Deque<String> rest = new ArrayDeque<>(ImagePath.names(path));
        String at = "";
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.pop();
            if (name.equals("..")) {
                at = ImagePath.parent(at);
                continue;
            }
            String next = ImagePath.join(at, name);
            switch (look(next)) {
                case null -> {
                    put(next, new TreeNode.Directory(TreeNode.Directory.PLAIN.mode(), owner));
                    at = next;
                }
                case TreeNode.Directory directory -> at = next;
                case TreeNode.Symlink link -> {
                    if (++links > MOST_LINKS) {
                        throw new IOException("/" + path + " leads through too many links in the image");
                    }
                    at = link.target().startsWith("/") ? "" : at;
                    ImagePath.names(link.target()).reversed().forEach(rest::push);
                }
                case TreeNode.File file -> throw new IOException("/" + next + " is no directory in the image");
                case TreeNode.Special special -> throw new IOException("/" + next + " is no directory in the image");
            }
        }
        return at;
    }

    /// Whether `path` leads to a directory of the image, links followed; makes nothing.
    public boolean leadsToDirectory(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(ImagePath.names(path));
        String at = "";
        for (int links = 0; !rest.isEmpty() && links <= MOST_LINKS; ) {
            String name = rest.pop();
            String next = name.equals("..") ? ImagePath.parent(at) : ImagePath.join(at, name);
            TreeNode node = next.isEmpty() ? TreeNode.Directory.PLAIN : look(next);
            if (node instanceof TreeNode.Symlink link) {
                links++;
                at = link.target().startsWith("/") ? "" : at;
                ImagePath.names(link.target()).reversed().forEach(rest::push);
            } else if (node instanceof TreeNode.Directory) {
                at = next;
            } else {
                return false;
            }
        }
        return rest.isEmpty();
    }

    /// Every node, with the directories above them as the image has them; a directory comes before what it holds.
    public SortedMap<String, TreeNode> complete() throws IOException {
        SortedMap<String, TreeNode> all = new TreeMap<>(nodes);
        for (String path : nodes.keySet()) {
            for (String up = ImagePath.parent(path); !up.isEmpty() && !all.containsKey(up); up = ImagePath.parent(up)) {
                TreeNode node = below.look(up);
                all.put(up, node == null ? TreeNode.Directory.PLAIN : node);
            }
        }
        TreeNode top = below.look("");
        all.put("", top == null ? TreeNode.Directory.PLAIN : top);
        return all;
    }
}
