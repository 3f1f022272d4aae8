package dev.slipway.engine.layer;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a layer leaves open until it is known what is below it: directories that it has without saying how they look,
/// because they are only on the way to something, and hard links to files that it does not have. Most layers leave
/// nothing open.
///
/// Paths are bytes as Latin-1 text, and lead through no links in the layer's tree. Bounded in memory: of more than
/// [#MOST] the directories that come last are not noted, and links are refused. For one thread.
///
/// As a file: `d`, path, NUL for a directory; `l`, path, NUL, target, NUL for a link.
public final class LooseEnds {
    static final int MOST = 100_000;
    private static final int MOST_BYTES = 8 << 20;
    private static final byte[] NONE = {};

    private final At at;
    private final int rootBytes;
    private final SortedSet<String> directories = new TreeSet<>();
    private final List<Link> links = new ArrayList<>();
    private long bytes;

    /// A hard link to a file that the layer does not have.
    ///
    /// @param name where it belongs
    /// @param target as the archive has it, from the root
    public record Link(String name, EntryName target) {
        /// Nobody has the target.
        public MalformedLayerException leadsNowhere() {
            return new MalformedLayerException(
                    "layer entry %s: it is a hard link to %s, which is no file of this layer or of those below"
                            .formatted(this, target));
        }

        /// Its name, for messages.
        @Override
        public String toString() {
            return EntryName.text(name.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private LooseEnds(At at, int rootBytes) {
        this.at = at;
        this.rootBytes = rootBytes;
    }

    /// Of a tree in which nothing is yet.
    static LooseEnds in(Fd root, At at) throws IOException {
        return new LooseEnds(at, hostPath(root, at).length);
    }

    public static LooseEnds read(Path file) throws IOException {
        LooseEnds ends = new LooseEnds(new At(), 0);
        byte[] all = Files.readAllBytes(file);
        for (int start = 0; start < all.length; ) {
            String first = untilNul(all, start);
            start += first.length() + 1;
            if (first.startsWith("d")) {
                ends.directories.add(first.substring(1));
                continue;
            }
            String target = untilNul(all, start);
            start += target.length() + 1;
            ends.links.add(new Link(first.substring(1), EntryName.of(target.getBytes(StandardCharsets.ISO_8859_1))));
        }
        return ends;
    }

    void write(Path file) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        directories.forEach(path -> put(all, "d" + path));
        for (Link link : links) {
            put(all, "l" + link.name());
            all.writeBytes(link.target().whole());
            all.write(0);
        }
        Files.write(file, all.toByteArray());
    }

    /// Those above others first.
    public SortedSet<String> directories() {
        return Collections.unmodifiableSortedSet(directories);
    }

    /// In the order of the archive.
    public List<Link> links() {
        return Collections.unmodifiableList(links);
    }

    boolean isEmpty() {
        return directories.isEmpty() && links.isEmpty();
    }

    /// A directory is made without an entry of its own.
    void addDirectory(Fd parent, byte[] name) throws IOException {
        Optional<String> path = path(parent, name);
        if (path.isPresent() && hasRoom(path.get().length()) && directories.add(path.get())) {
            bytes += path.get().length();
        }
    }

    /// A directory has got an entry of its own, or hides those of this name below.
    void dropDirectory(Fd parent, byte[] name) throws IOException {
        if (!directories.isEmpty()) {
            path(parent, name).ifPresent(directories::remove);
        }
    }

    /// What has this name is removed, with all below.
    void dropAll(Fd parent, byte[] name) throws IOException {
        if (!directories.isEmpty()) {
            path(parent, name).ifPresent(path -> {
                directories.remove(path);
                directories.subSet(path + "/", path + "0").clear();
            });
        }
    }

    void addLink(Fd parent, byte[] name, EntryName target) throws IOException {
        String path = path(parent, name)
                .orElseThrow(() -> new LinuxException(Errno.ENAMETOOLONG.number(), "link", EntryName.text(name)));
        int more = path.length() + target.parent().length + target.last().length;
        if (!hasRoom(more)) {
            throw new MalformedLayerException("too many hard links lead to files that this layer does not have");
        }
        bytes += more;
        links.add(new Link(path, target));
    }

    private boolean hasRoom(int more) {
        return directories.size() + links.size() < MOST && bytes + more <= MOST_BYTES;
    }

    /// Where `name` is, from the root of the tree; empty if that is longer than a path may be.
    private Optional<String> path(Fd parent, byte[] name) throws IOException {
        byte[] host = hostPath(parent, at);
        if (host.length == 0 || host.length - rootBytes + name.length >= At.LONGEST_PATH) {
            return Optional.empty();
        }
        String in = new String(host, rootBytes, host.length - rootBytes, StandardCharsets.ISO_8859_1);
        String last = new String(name, StandardCharsets.ISO_8859_1);
        return Optional.of(in.isEmpty() ? last : in.substring(1) + "/" + last);
    }

    private static byte[] hostPath(Fd directory, At at) throws IOException {
        byte[] self = ("/proc/self/fd/" + directory.number()).getBytes(StandardCharsets.US_ASCII);
        try {
            return at.readLink(directory, self);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENAMETOOLONG) {
                return NONE;
            }
            throw e;
        }
    }

    private static String untilNul(byte[] all, int start) throws IOException {
        int end = start;
        while (end < all.length && all[end] != 0) {
            end++;
        }
        if (end == all.length) {
            throw new IOException("the list of what a layer leaves open is cut short");
        }
        return new String(Arrays.copyOfRange(all, start, end), StandardCharsets.ISO_8859_1);
    }

    private static void put(ByteArrayOutputStream all, String text) {
        all.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        all.write(0);
    }
}
