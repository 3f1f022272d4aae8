package dev.slipway.engine.tree;

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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Looks at files of a [SourceTree] and follows paths in it, each file looked at once. For one thread.
public final class SourceWalk {
    private static final int MOST_LINKS = 40;

    private final SourceTree tree;
    private final FileFacts facts;
    private final Map<String, Seen> seen = new HashMap<>();

    public SourceWalk(SourceTree tree, FileFacts facts) {
        this.tree = tree;
        this.facts = facts;
    }

    /// @param filesystem on which it is
    /// @param elf empty for all but ELF files
    public record Seen(TreeNode node, long filesystem, Optional<Elf> elf) {}

    /// Where a path leads.
    ///
    /// @param passed directories and links on the way, and the end
    /// @param end where it really is
    public record Way(List<String> passed, String end) {}

    public SourceTree tree() {
        return tree;
    }

    /// What is at `path`, links not followed; empty for nothing, and for a socket, which only lives with its
    /// program.
    public Optional<Seen> look(String path) throws IOException {
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
    public Way follow(String path) throws IOException {
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
                        ? tree.owner() + " has no file " + asked
                        : tree.owner() + " has no file " + where + ", to which " + asked + " leads");
    }

    /// As [#follow], but empty for a path that leads nowhere.
    public Optional<Way> tryToFollow(String path) throws IOException {
        try {
            return Optional.of(follow(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// The paths that `pattern` matches, sorted. One that is no pattern is itself, be it there or not.
    public List<String> expand(String pattern, Wildcards wildcards) throws IOException {
        List<String> found = candidates(pattern, wildcards);
        return (wildcards.isPattern(pattern) ? there(found) : found)
                .stream().sorted().toList();
    }

    private List<String> candidates(String pattern, Wildcards wildcards) throws IOException {
        List<String> found = List.of("");
        for (String name : ImagePath.names(pattern)) {
            List<String> next = new ArrayList<>();
            for (String directory : found) {
                next.addAll(
                        wildcards.isPattern(name)
                                ? matching(directory, name, wildcards)
                                : List.of(ImagePath.join(directory, name)));
            }
            found = next;
        }
        return found;
    }

    /// Where the files that `pattern` matches are, links on the way followed and links at the end not.
    ///
    /// @throws NoSuchFileException when it is no pattern and there is nothing
    public List<String> places(String pattern, Wildcards wildcards) throws IOException {
        List<String> places = new ArrayList<>();
        for (String path : candidates(pattern, wildcards)) {
            Optional<String> place = place(path);
            if (place.isPresent()) {
                places.add(place.get());
            } else if (!wildcards.isPattern(pattern)) {
                throw missing(path, path);
            }
        }
        return places.stream().sorted().distinct().toList();
    }

    private Optional<String> place(String path) throws IOException {
        Optional<Way> parent = tryToFollow(ImagePath.parent(path));
        if (parent.isEmpty() || path.isEmpty()) {
            return Optional.empty();
        }
        String place = ImagePath.join(parent.get().end(), ImagePath.name(path));
        return tree.stat(place) == null ? Optional.empty() : Optional.of(place);
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

    private List<String> matching(String directory, String name, Wildcards wildcards) throws IOException {
        Predicate<String> matches = matches(name, wildcards);
        Optional<Way> way = tryToFollow(directory);
        if (way.isEmpty() || !(node(way.get()) instanceof TreeNode.Directory)) {
            return List.of();
        }
        return tree.names(way.get().end()).stream()
                .filter(matches)
                .map(found -> ImagePath.join(directory, found))
                .toList();
    }

    private static Predicate<String> matches(String name, Wildcards wildcards) throws IOException {
        try {
            return wildcards.matching(name);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// What is at the end of a way.
    public TreeNode node(Way way) throws IOException {
        return look(way.end())
                .map(Seen::node)
                .orElseThrow(() -> new NoSuchFileException(tree.absolute(way.end()) + " went away"));
    }

    /// All that is below a directory, by path: only what is on the same file system, so that mounts stay empty.
    public TreeMap<String, Seen> below(String directory) throws IOException {
        return below(directory, IgnoreRules.NONE);
    }

    /// As [#below], without what `ignored` leaves out.
    public TreeMap<String, Seen> below(String directory, IgnoreRules ignored) throws IOException {
        TreeMap<String, Seen> found = new TreeMap<>();
        Optional<FileStat> top = Optional.ofNullable(tree.stat(directory));
        if (top.isPresent()) {
            collect(directory, top.get().filesystem(), ignored, found);
        }
        return found;
    }

    private void collect(String directory, long filesystem, IgnoreRules ignored, Map<String, Seen> found)
            throws IOException {
        for (String name : tree.names(directory)) {
            String path = ImagePath.join(directory, name);
            boolean left = ignored.leavesOut(path);
            if (left && !ignored.mayBringBack(path)) {
                continue;
            }
            Optional<Seen> here = look(path);
            if (here.isEmpty()) {
                continue;
            }
            if (!left) {
                found.put(path, here.get());
            }
            if (here.get().node() instanceof TreeNode.Directory && here.get().filesystem() == filesystem) {
                int before = found.size();
                collect(path, filesystem, ignored, found);
                if (left && found.size() > before) {
                    found.put(path, here.get());
                }
            }
        }
    }
}
