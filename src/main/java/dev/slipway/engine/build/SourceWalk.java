package dev.slipway.engine.build;

import dev.slipway.engine.elf.Elf;
import dev.slipway.engine.linux.FileStat;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Looks at files of a [SourceTree] and follows paths in it, each file looked at once. For one thread.
final class SourceWalk {
    private static final int MOST_LINKS = 40;

    private final SourceTree tree;
    private final FileFacts facts;
    private final Map<String, Seen> seen = new HashMap<>();

    SourceWalk(SourceTree tree, FileFacts facts) {
        this.tree = tree;
        this.facts = facts;
    }

    /// @param filesystem on which it is
    /// @param elf empty for all but ELF files
    record Seen(TreeNode node, long filesystem, Optional<Elf> elf) {}

    /// Where a path leads.
    ///
    /// @param passed directories and links on the way, and the end
    /// @param end where it really is
    record Way(List<String> passed, String end) {}

    SourceTree tree() {
        return tree;
    }

    /// What is at `path`, links not followed; empty for nothing, and for a socket, which only lives with its
    /// program.
    Optional<Seen> look(String path) throws IOException {
        Seen known = seen.get(path);
        if (known == null) {
            known = read(path);
            if (known != null) {
                seen.put(path, known);
            }
        }
        return Optional.ofNullable(known);
    }

    private @Nullable Seen read(String path) throws IOException {
        FileStat stat = tree.stat(path);
        if (stat == null || stat.type() == FileStat.SOCKET) {
            return null;
        }
        FileOwner owner = FileOwner.of(stat);
        return switch (stat.type()) {
            case FileStat.DIRECTORY -> seen(new TreeNode.Directory(stat.permissions(), owner), stat);
            case FileStat.SYMLINK -> seen(new TreeNode.Symlink(tree.readLink(path), owner), stat);
            case FileStat.REGULAR -> file(path, stat);
            default -> seen(new TreeNode.Special(stat.mode(), stat.device(), owner), stat);
        };
    }

    private Seen file(String path, FileStat stat) throws IOException {
        FileFacts.Facts read = facts.of(tree, path, stat);
        TreeNode.Content content = new TreeNode.Content.Found(tree, path, read.identity(), read.digest());
        return new Seen(
                new TreeNode.File(content, stat.permissions(), FileOwner.of(stat), tree.attributes(path)),
                stat.filesystem(),
                read.elf());
    }

    private static Seen seen(TreeNode node, FileStat stat) {
        return new Seen(node, stat.filesystem(), Optional.empty());
    }

    /// Follows `path` from the top, links included.
    ///
    /// @throws NoSuchFileException when it leads nowhere; the message says where it ends
    Way follow(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(ImagePath.names(path));
        List<String> passed = new ArrayList<>();
        String at = "";
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.pop();
            if (name.equals("..")) {
                at = ImagePath.parent(at);
                continue;
            }
            String next = ImagePath.join(at, name);
            TreeNode node = look(next).map(Seen::node).orElseThrow(() -> missing(path, next));
            passed.add(next);
            if (node instanceof TreeNode.Symlink link) {
                if (++links > MOST_LINKS) {
                    throw new IOException(tree.absolute(path) + " leads through too many links");
                }
                at = link.target().startsWith("/") ? "" : at;
                ImagePath.names(link.target()).reversed().forEach(rest::push);
            } else if (node instanceof TreeNode.Directory || rest.isEmpty()) {
                at = next;
            } else {
                throw new NoSuchFileException(tree.absolute(path) + ": " + tree.absolute(next) + " is no directory");
            }
        }
        return new Way(passed, at);
    }

    private NoSuchFileException missing(String path, String end) {
        String asked = tree.absolute(String.join("/", ImagePath.names(path)));
        String where = tree.absolute(end);
        return new NoSuchFileException(
                asked.equals(where) || asked.startsWith(where + "/")
                        ? "this host has no file " + asked
                        : "this host has no file " + where + ", to which " + asked + " leads");
    }

    /// As [#follow], but empty for a path that leads nowhere.
    Optional<Way> tryToFollow(String path) throws IOException {
        try {
            return Optional.of(follow(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// The paths that `pattern` matches, sorted; `*` stands for any letters within one name, at its start for no
    /// dot. A path without `*` is itself, be it there or not.
    List<String> expand(String pattern) throws IOException {
        List<String> found = List.of("");
        for (String name : ImagePath.names(pattern)) {
            List<String> next = new ArrayList<>();
            for (String directory : found) {
                next.addAll(name.contains("*") ? matching(directory, name) : List.of(ImagePath.join(directory, name)));
            }
            found = next;
        }
        if (pattern.contains("*")) {
            found = there(found);
        }
        return found.stream().sorted().toList();
    }

    private List<String> there(List<String> paths) throws IOException {
        List<String> there = new ArrayList<>();
        for (String path : paths) {
            if (tryToFollow(path).isPresent()) {
                there.add(path);
            }
        }
        return there;
    }

    private List<String> matching(String directory, String name) throws IOException {
        Optional<Way> way = tryToFollow(directory);
        if (way.isEmpty() || !(node(way.get()) instanceof TreeNode.Directory)) {
            return List.of();
        }
        Pattern pattern = Pattern.compile(
                (name.startsWith("*") ? "(?!\\.)" : "") + "\\Q" + name.replace("*", "\\E.*\\Q") + "\\E");
        return tree.names(way.get().end()).stream()
                .filter(found -> pattern.matcher(found).matches())
                .map(found -> ImagePath.join(directory, found))
                .toList();
    }

    /// What is at the end of a way.
    TreeNode node(Way way) throws IOException {
        return look(way.end())
                .map(Seen::node)
                .orElseThrow(() -> new NoSuchFileException(tree.absolute(way.end()) + " went away"));
    }

    /// All that is below a directory, by path: only what is on the same file system, so that mounts stay empty.
    TreeMap<String, Seen> below(String directory) throws IOException {
        TreeMap<String, Seen> found = new TreeMap<>();
        Optional<Seen> top = look(directory);
        if (top.isPresent()) {
            collect(directory, top.get().filesystem(), found);
        }
        return found;
    }

    private void collect(String directory, long filesystem, Map<String, Seen> found) throws IOException {
        for (String name : tree.names(directory)) {
            String path = ImagePath.join(directory, name);
            Optional<Seen> here = look(path);
            if (here.isPresent()) {
                found.put(path, here.get());
                if (here.get().node() instanceof TreeNode.Directory
                        && here.get().filesystem() == filesystem) {
                    collect(path, filesystem, found);
                }
            }
        }
    }
}
