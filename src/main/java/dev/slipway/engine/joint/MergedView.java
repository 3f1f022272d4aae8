package dev.slipway.engine.joint;

import dev.slipway.engine.layer.MalformedLayerException;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Optional;

/// Finds out where paths lead in merged layers, links followed with their root as `/`. Looks at one name at a time: the
/// kernel does not follow a link and then a `..` in a mount that no mount namespace has (EAGAIN). For one thread.
///
final class MergedView {
    private static final byte[] SELF = {'.'};
    private static final byte[] PARENT = {'.', '.'};
    private static final int MOST_LINKS = 40;
    /// An image of a few megabytes could ask for days of looking.
    private static final int MOST_NAMES = 4_000_000;

    private final At at;
    private final Fd root;
    private int looks;

    /// @param root of the merged layers
    MergedView(At at, Fd root) {
        this.at = at;
        this.root = root;
    }

    /// The path of a directory that leads through no links; empty if `path` leads to no directory.
    ///
    /// @throws MalformedLayerException when so many names were looked at by now that it cannot be meant well
    Optional<String> directory(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>();
        push(path, rest);
        Place place = new Place();
        try {
            for (int links = 0; !rest.isEmpty(); ) {
                String name = rest.removeFirst();
                if (++looks > MOST_NAMES) {
                    throw new MalformedLayerException(
                            "hard links into lower layers lead through more than %d names".formatted(MOST_NAMES));
                }
                Optional<FileStat> found = name.equals("..") ? Optional.empty() : place.find(name);
                if (name.equals("..")) {
                    place.up();
                } else if (found.filter(FileStat::isDirectory).isPresent()) {
                    place.down(name);
                } else if (found.filter(MergedView::isLink).isPresent() && ++links <= MOST_LINKS) {
                    String target = place.target(name);
                    if (target.startsWith("/")) {
                        place.toRoot();
                    }
                    push(target, rest);
                } else {
                    return Optional.empty();
                }
            }
            return Optional.of(String.join("/", place.names));
        } finally {
            place.directory.close();
        }
    }

    /// What is under `name` in a directory whose path leads through no links.
    Optional<FileStat> find(String directory, String name) throws LinuxException {
        Place place = new Place();
        try {
            for (String each : directory.split("/")) {
                if (!each.isEmpty()) {
                    place.down(each);
                }
            }
            return place.find(name);
        } finally {
            place.directory.close();
        }
    }

    private static boolean isLink(FileStat found) {
        return found.type() == FileStat.SYMLINK;
    }

    /// An open directory, and how it was come to.
    private final class Place {
        private final Deque<String> names = new ArrayDeque<>();
        private Fd directory = at.openChild(root, SELF);

        Place() throws LinuxException {}

        void down(String name) throws LinuxException {
            go(directory, bytes(name));
            names.addLast(name);
        }

        /// The root is its own parent.
        void up() throws LinuxException {
            if (names.pollLast() != null) {
                go(directory, PARENT);
            }
        }

        void toRoot() throws LinuxException {
            go(root, SELF);
            names.clear();
        }

        private void go(Fd from, byte[] name) throws LinuxException {
            Fd next = at.openChild(from, name);
            directory.close();
            directory = next;
        }

        Optional<FileStat> find(String name) throws LinuxException {
            try {
                return at.find(directory, bytes(name));
            } catch (LinuxException e) {
                if (e.errno() == Errno.ENAMETOOLONG) {
                    return Optional.empty();
                }
                throw e;
            }
        }

        String target(String name) throws LinuxException {
            return new String(at.readLink(directory, bytes(name)), StandardCharsets.ISO_8859_1);
        }
    }

    /// Puts the names of a path in front of those that are still to be followed.
    private static void push(String path, Deque<String> rest) {
        Deque<String> names = new ArrayDeque<>();
        Collections.addAll(names, path.split("/"));
        for (String name = names.pollLast(); name != null; name = names.pollLast()) {
            if (!name.isEmpty() && !name.equals(".")) {
                rest.addFirst(name);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
