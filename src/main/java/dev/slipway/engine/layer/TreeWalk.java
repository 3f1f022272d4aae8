package dev.slipway.engine.layer;

import dev.slipway.engine.layer.TarEntry.Kind;
import dev.slipway.engine.layer.TarEntry.Owner;
import dev.slipway.engine.layer.TarEntry.Time;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/// Goes through a tree in the order of its archive and writes it. A directory of it is read as a whole, so memory
/// grows with the largest directory, which may have [#MOST_NAMES], and with files of several names, not with the tree.
/// For one thread.
final class TreeWalk implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TreeWalk.class);
    private static final byte[] SELF = {'.'};
    private static final byte[] ROOT = {'.', '/'};
    private static final byte[] NONE = {};
    private static final int READ_BYTES = 1 << 17;
    private static final int MOST_NAMES = 500_000;

    private final At at = new At();
    private final TarWriter archive;
    private final Rules rules;
    private final Deque<Level> levels = new ArrayDeque<>();
    private final Map<Long, byte[]> firstNames = new HashMap<>();
    private final byte[] buffer = new byte[READ_BYTES];
    private final ZeroRuns zeros = new ZeroRuns(at);
    private long entries;
    private long bytes;
    private long stored;
    private long whiteouts;

    private TreeWalk(TarWriter archive, Rules rules) {
        this.archive = archive;
        this.rules = rules;
    }

    /// What a tree is taken for.
    enum Form {
        /// What overlayfs left in an upper directory: it differs from those below.
        LAYER,
        /// All that there is; the root has an entry, and nothing is a whiteout.
        TREE
    }

    /// @param latest no time in the archive is later, in seconds since 1970
    record Rules(Form form, long latest, LayerLimits limits) {}

    static TreeWalk open(Path directory, TarWriter archive, Rules rules) throws IOException {
        TreeWalk walk = new TreeWalk(archive, rules);
        try (Fd root = walk.at.openHost(directory)) {
            if (rules.form() == Form.TREE) {
                walk.addRoot(root);
            }
            walk.enter(root, SELF, NONE);
        }
        return walk;
    }

    /// A directory on the way, with what is still to do in it.
    ///
    /// @param path with a slash at its end, or empty
    private record Level(Fd directory, byte[] path, Iterator<Child> rest) {}

    /// @param name in the archive, which is another than on disk for a whiteout
    private record Child(byte[] name, byte[] onDisk, FileStat stat) {}

    LayerContents run() throws IOException {
        while (!levels.isEmpty()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while packing a layer");
            }
            Level level = levels.getLast();
            if (level.rest().hasNext()) {
                add(level, level.rest().next());
            } else {
                levels.removeLast().directory().close();
            }
        }
        archive.end();
        return new LayerContents(entries, bytes, whiteouts);
    }

    @Override
    public void close() {
        levels.forEach(level -> level.directory().close());
    }

    /// Opens a directory and goes on in it.
    private void enter(Fd parent, byte[] name, byte[] path) throws IOException {
        if (levels.size() > LayerLimits.DEEPEST) {
            throw new IOException("pack %s: more than %d directories are inside one another"
                    .formatted(EntryName.text(path), LayerLimits.DEEPEST));
        }
        Fd directory = at.openChild(parent, name);
        try {
            levels.add(new Level(directory, path, children(directory).iterator()));
        } catch (IOException e) {
            directory.close();
            throw e;
        }
    }

    private List<Child> children(Fd directory) throws IOException {
        List<Child> children = new ArrayList<>();
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, directory, MOST_NAMES)) {
            byte[] name = entry.name();
            if (rules.form() == Form.LAYER && WhiteoutNames.isMark(name)) {
                throw new IOException(
                        "pack %s: a file of this name would be read as a whiteout".formatted(EntryName.text(name)));
            }
            FileStat stat = at.stat(directory, name);
            if (stat.type() == FileStat.SOCKET) {
                LOG.debugf("a socket is not packed name=%s", EntryName.text(name));
            } else {
                children.add(new Child(isWhiteout(stat) ? WhiteoutNames.whiteout(name) : name, name, stat));
            }
        }
        if (rules.form() == Form.LAYER && isOpaque(directory)) {
            children.add(new Child(WhiteoutNames.opaque(), SELF, at.stat(directory, SELF)));
        }
        children.sort(Comparator.comparing(Child::name, Arrays::compareUnsigned));
        return children;
    }

    private boolean isWhiteout(FileStat stat) {
        return rules.form() == Form.LAYER && stat.isWhiteout();
    }

    private void addRoot(Fd root) throws IOException {
        Child self = new Child(SELF, SELF, at.stat(root));
        entries++;
        archive.begin(
                entry(Kind.DIRECTORY, new Level(root, NONE, List.<Child>of().iterator()), self, ROOT, NONE));
    }

    private void add(Level level, Child child) throws IOException {
        byte[] name = join(level.path(), child.name());
        FileStat stat = child.stat();
        if (entries + whiteouts == rules.limits().entries()) {
            throw new IOException("pack %s: the layer has more than the %d entries that are allowed"
                    .formatted(EntryName.text(name), rules.limits().entries()));
        }
        if (isWhiteout(stat) || child.onDisk() == SELF) {
            whiteouts++;
            archive.begin(new TarEntry(Kind.FILE, name, NONE, 0, new Owner(0, 0), time(stat), 0, 0, null, Map.of()));
            return;
        }
        entries++;
        byte[] first = stat.links() > 1 && !stat.isDirectory() ? firstNames.putIfAbsent(stat.inode(), name) : null;
        if (first != null) {
            archive.begin(entry(Kind.HARD_LINK, level, child, name, first));
            return;
        }
        switch (stat.type()) {
            case FileStat.DIRECTORY -> addDirectory(level, child, name);
            case FileStat.REGULAR -> addFile(level, child, name);
            case FileStat.SYMLINK ->
                archive.begin(entry(Kind.SYMLINK, level, child, name, at.readLink(level.directory(), child.onDisk())));
            case FileStat.CHARACTER_DEVICE -> archive.begin(entry(Kind.CHARACTER_DEVICE, level, child, name, NONE));
            case FileStat.BLOCK_DEVICE -> archive.begin(entry(Kind.BLOCK_DEVICE, level, child, name, NONE));
            case FileStat.FIFO -> archive.begin(entry(Kind.FIFO, level, child, name, NONE));
            default -> throw new IOException("pack %s: its type is unknown".formatted(EntryName.text(name)));
        }
    }

    private void addDirectory(Level level, Child child, byte[] name) throws IOException {
        byte[] path = join(name, new byte[] {'/'});
        archive.begin(entry(Kind.DIRECTORY, level, child, path, NONE));
        enter(level.directory(), child.onDisk(), path);
    }

    private void addFile(Level level, Child child, byte[] name) throws IOException {
        long size = child.stat().size();
        if (size > rules.limits().apparentBytes() - bytes) {
            throw new IOException("pack %s: with its %d bytes the layer has more than the %d that are allowed"
                    .formatted(EntryName.text(name), size, rules.limits().apparentBytes()));
        }
        try (Fd file = at.openFile(level.directory(), child.onDisk())) {
            TarEntry entry = entry(Kind.FILE, level, child, name, NONE);
            SparseMap map = zeros.leftOutOf(file, size);
            if (map != null) {
                entry = entry.asSparse(map);
            }
            checkStored(name, entry.bytes());
            archive.begin(entry);
            copy(name, file, map == null ? new long[] {0, size} : map.segments());
            stored += entry.bytes();
        }
        bytes += size;
    }

    private void checkStored(byte[] name, long more) throws IOException {
        if (more > rules.limits().bytes() - stored) {
            throw new IOException("pack %s: with its %d bytes the layer has more than the %d that are allowed"
                    .formatted(EntryName.text(name), more, rules.limits().bytes()));
        }
    }

    /// @param segments offset and length of each, in turn; the last ends where the file does
    private void copy(byte[] name, Fd file, long[] segments) throws IOException {
        for (int i = 0; i < segments.length; i += 2) {
            if (segments[i] > 0) {
                at.seek(file, segments[i]);
            }
            long more = copy(name, file, segments[i + 1]);
            if (i == segments.length - 2 && (more > 0 || at.read(file, buffer) > 0)) {
                throw changed(name);
            }
        }
    }

    /// @return how many bytes behind these `length` were read
    private long copy(byte[] name, Fd file, long length) throws IOException {
        long left = length;
        while (left > 0) {
            int count = at.read(file, buffer);
            if (count == 0) {
                throw changed(name);
            }
            archive.content(buffer, 0, (int) Math.min(left, count));
            left -= count;
        }
        return -left;
    }

    private TarEntry entry(Kind kind, Level level, Child child, byte[] name, byte[] link) throws IOException {
        FileStat stat = child.stat();
        Map<String, byte[]> attributes =
                kind == Kind.HARD_LINK ? Map.of() : attributes(level.directory(), child.onDisk(), name);
        return new TarEntry(
                kind,
                name,
                link,
                stat.permissions(),
                new Owner(Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid())),
                time(stat),
                stat.device(),
                kind == Kind.FILE ? stat.size() : 0,
                null,
                attributes);
    }

    private Map<String, byte[]> attributes(Fd directory, byte[] onDisk, byte[] name) throws IOException {
        Map<String, byte[]> attributes = new TreeMap<>();
        for (String attribute : attributeNames(directory, onDisk)) {
            if (rules.form() == Form.LAYER && OverlayMarks.isPart(attribute)) {
                throw new IOException("pack %s: overlayfs keeps only a part of it here (%s)"
                        .formatted(EntryName.text(name), attribute));
            }
            if (!OverlayMarks.isOwn(attribute) && !isOfHost(attribute)) {
                attributes.put(attribute, at.attribute(directory, onDisk, attribute));
            }
        }
        return attributes;
    }

    private List<String> attributeNames(Fd directory, byte[] name) throws LinuxException {
        String names = new String(at.attributeNames(directory, name), StandardCharsets.UTF_8);
        return names.isEmpty() ? List.of() : List.of(names.split("\0"));
    }

    private boolean isOpaque(Fd directory) throws LinuxException {
        return attributeNames(directory, SELF).contains(OverlayMarks.OPAQUE);
    }

    /// Labels by which the host guards itself; on another host they would be wrong.
    private static boolean isOfHost(String attribute) {
        return attribute.equals("security.selinux")
                || attribute.equals("security.ima")
                || attribute.equals("security.evm");
    }

    private Time time(FileStat stat) {
        return new Time(Math.min(stat.seconds(), rules.latest()), 0);
    }

    private static IOException changed(byte[] name) {
        return new IOException("pack %s: it changed meanwhile".formatted(EntryName.text(name)));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
