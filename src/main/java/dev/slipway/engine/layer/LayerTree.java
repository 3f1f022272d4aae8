package dev.slipway.engine.layer;

import dev.slipway.engine.layer.TarEntry.Kind;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The tree of a layer while it is made, entry by entry, by calls on open directories only. What comes later
/// replaces what was there under the same name; a directory keeps what is in it when its entry comes again. For one
/// thread.
final class LayerTree implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LayerTree.class);
    private static final byte[] SELF = {'.'};
    private static final int FIRST_MODE = 0700;

    /// Some file systems have one block for the attributes of a file, and say of more that the disk is full.
    private static final int LARGE_ATTRIBUTE = 1024;

    private final At at = new At();
    private final int umask;
    private final boolean hasAllDevices;
    private final Fd root;
    private final Places places;
    private final @Nullable LooseEnds ends;
    private boolean describesItself;

    private LayerTree(Fd root, Counter implicit, Rules rules) throws IOException {
        this.root = root;
        this.hasAllDevices = rules.hasAllDevices();
        this.umask = ProcessMask.read();
        LooseEnds open = rules.leavesOpen() ? LooseEnds.in(root, at) : null;
        this.ends = open;
        this.places = new Places(at, root, (parent, name, hides) -> {
            implicit.count();
            if (open != null && !hides) {
                open.addDirectory(parent, name);
            }
        });
    }

    /// @param leavesOpen whether it may need what is below it
    /// @param hasAllDevices whether it may have a device that overlayfs would take for a whiteout
    record Rules(boolean leavesOpen, boolean hasAllDevices) {}

    /// Counts directories that are made without an entry of their own, before they are.
    interface Counter {
        void count() throws MalformedLayerException;
    }

    /// @param directory is there and empty
    static LayerTree open(Path directory, Counter implicit, Rules rules) throws IOException {
        LayerTree tree = new LayerTree(new At().openHost(directory), implicit, rules);
        tree.at.setTime(tree.root, SELF, 0, 0);
        return tree;
    }

    /// Gives the directories their times.
    @Override
    public void close() throws IOException {
        try (root) {
            places.close();
        }
    }

    /// What it leaves open, if it may leave anything.
    Optional<LooseEnds> ends() {
        return Optional.ofNullable(ends);
    }

    /// Whether the archive says how the top directory looks.
    boolean describesItself() {
        return describesItself;
    }

    void add(EntryName name, TarEntry entry, TarReader content) throws IOException {
        if (name.isRoot()) {
            addRoot(entry);
            return;
        }
        switch (entry.kind()) {
            case FILE -> addFile(name, entry, content);
            case HARD_LINK -> addHardLink(name, EntryName.of(entry.link()));
            case DIRECTORY -> addDirectory(name, entry);
            case SYMLINK -> {
                makeInPlace(name, there -> at.makeSymlink(entry.link(), there, name.last()));
                describe(name, entry);
            }
            case CHARACTER_DEVICE -> addNode(name, entry, FileStat.CHARACTER_DEVICE);
            case BLOCK_DEVICE -> addNode(name, entry, FileStat.BLOCK_DEVICE);
            case FIFO -> addNode(name, entry, FileStat.FIFO);
        }
    }

    /// Hides `name` of lower layers. What this layer has under that name stays, because a whiteout speaks of lower
    /// layers only; a directory becomes opaque.
    void hide(EntryName name, TarEntry.Time time) throws IOException {
        Fd directory = places.of(name.parent()).directory();
        Optional<FileStat> here = places.stat(directory, name.last());
        if (here.isEmpty()) {
            at.makeNode(directory, name.last(), FileStat.CHARACTER_DEVICE, 0);
            at.setTime(directory, name.last(), time.seconds(), time.nanos());
        } else if (here.get().isDirectory()) {
            saysItself(directory, name.last());
            at.setAttribute(directory, name.last(), OverlayMarks.OPAQUE, OverlayMarks.yes());
        }
    }

    /// Hides all that lower layers have in `directory`.
    void hideAllIn(byte[] directory) throws IOException {
        at.setAttribute(places.of(directory).directory(), SELF, OverlayMarks.OPAQUE, OverlayMarks.yes());
    }

    private void addRoot(TarEntry entry) throws IOException {
        if (entry.kind() != Kind.DIRECTORY) {
            throw new MalformedLayerException("the layer itself must be a directory");
        }
        places.letGo();
        describe(root, SELF, entry);
        describesItself = true;
    }

    private void addFile(EntryName name, TarEntry entry, TarReader content) throws IOException {
        try (Fd file = create(name, entry)) {
            write(file, entry, content);
            boolean owned = isOwnedAtFirst(places.of(name.parent()), entry);
            if (!owned) {
                at.changeOwner(file, entry.owner().uid(), entry.owner().gid());
            }
            if (!owned || entry.mode() != firstMode(entry)) {
                at.changeMode(file, entry.mode());
            }
            setAttributes(entry, (attribute, value) -> at.setAttribute(file, attribute, value));
            at.setTime(file, entry.time().seconds(), entry.time().nanos());
        }
    }

    private Fd create(EntryName name, TarEntry entry) throws IOException {
        try {
            return at.create(places.of(name.parent()).directory(), name.last(), firstMode(entry));
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        clear(name);
        return at.create(places.of(name.parent()).directory(), name.last(), firstMode(entry));
    }

    /// The mode with which a file is made, so that most files need no second call: the one it gets, unless this
    /// process may not give it at once.
    private int firstMode(TarEntry entry) {
        return (entry.mode() & umask) == 0 ? entry.mode() & 0777 : entry.mode() & 0700;
    }

    /// Whether what is made in `place` is of the right owner without being told.
    private static boolean isOwnedAtFirst(Place place, TarEntry entry) {
        return entry.owner().isRoot() && !place.givesItsGroup();
    }

    private void write(Fd file, TarEntry entry, TarReader content) throws IOException {
        SparseMap map = entry.sparse();
        if (map == null) {
            content.content(entry.bytes(), (bytes, offset, length) -> at.write(file, bytes, offset, length));
            return;
        }
        at.truncate(file, map.size());
        long[] segments = map.segments();
        for (int i = 0; i < segments.length; i += 2) {
            at.seek(file, segments[i]);
            content.content(segments[i + 1], (bytes, offset, length) -> at.write(file, bytes, offset, length));
        }
    }

    private void addHardLink(EntryName name, EntryName target) throws IOException {
        if (ends != null && !isHere(target)) {
            leaveOpen(name, target, ends);
            return;
        }
        try (Fd from = at.openDirectory(root, target.parent())) {
            FileStat file = places.stat(from, target.last())
                    .filter(found -> (hasAllDevices || !found.isWhiteout()) && !found.isDirectory())
                    .orElseThrow(() -> new MalformedLayerException(
                            "it is a hard link to %s, which is no file of this layer".formatted(target)));
            Fd directory = places.of(name.parent()).directory();
            if (places.stat(directory, name.last())
                    .filter(here -> here.inode() == file.inode())
                    .isEmpty()) {
                makeInPlace(name, there -> at.makeLink(from, target.last(), there, name.last()));
            }
        }
    }

    /// Whether there is anything of this name.
    private boolean isHere(EntryName name) throws IOException {
        try (Fd parent = at.openDirectory(root, name.parent())) {
            return name.isRoot() || places.stat(parent, name.last()).isPresent();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /// A hard link to what may be below.
    private void leaveOpen(EntryName name, EntryName target, LooseEnds open) throws IOException {
        Optional<FileStat> here = places.stat(places.of(name.parent()).directory(), name.last());
        if (here.filter(there -> !there.isWhiteout()).isPresent()) {
            clear(name);
        }
        open.addLink(places.of(name.parent()).directory(), name.last(), target);
    }

    private void addDirectory(EntryName name, TarEntry entry) throws IOException {
        Fd directory = places.of(name.parent()).directory();
        try {
            at.makeDirectory(directory, name.last(), FIRST_MODE);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            makeDirectoryInPlace(name, at.stat(directory, name.last()));
        }
        describe(name, entry);
    }

    private void makeDirectoryInPlace(EntryName name, FileStat here) throws IOException {
        if (here.isDirectory()) {
            saysItself(places.of(name.parent()).directory(), name.last());
            places.letGo();
            return;
        }
        clear(name);
        Fd directory = places.of(name.parent()).directory();
        at.makeDirectory(directory, name.last(), FIRST_MODE);
        if (here.isWhiteout()) {
            at.setAttribute(directory, name.last(), OverlayMarks.OPAQUE, OverlayMarks.yes());
        }
    }

    /// A directory that may have been made without an entry has one, or hides what is below.
    private void saysItself(Fd parent, byte[] name) throws IOException {
        if (ends != null) {
            ends.dropDirectory(parent, name);
        }
    }

    private void addNode(EntryName name, TarEntry entry, int type) throws IOException {
        if (type == FileStat.CHARACTER_DEVICE && entry.device() == 0 && !hasAllDevices) {
            LOG.debugf("a character device 0:0 is left out: overlayfs would take it for a whiteout name=%s", name);
            return;
        }
        makeInPlace(name, there -> at.makeNode(there, name.last(), type | FIRST_MODE, entry.device()));
        describe(name, entry);
    }

    private interface Making {
        void in(Fd directory) throws IOException;
    }

    /// Makes `name`, after what has that name was removed.
    private void makeInPlace(EntryName name, Making making) throws IOException {
        try {
            making.in(places.of(name.parent()).directory());
            return;
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        clear(name);
        making.in(places.of(name.parent()).directory());
    }

    /// Removes what has this name. Directories that are open may be below it, or behind it if it is a link.
    private void clear(EntryName name) throws IOException {
        int type = at.stat(places.of(name.parent()).directory(), name.last()).type();
        if (type == FileStat.DIRECTORY || type == FileStat.SYMLINK) {
            if (ends != null) {
                ends.dropAll(places.of(name.parent()).directory(), name.last());
            }
            places.letGo();
        }
        TreeRemoval.removeAll(at, places.of(name.parent()).directory(), name.last());
    }

    private void describe(EntryName name, TarEntry entry) throws IOException {
        describe(places.of(name.parent()).directory(), name.last(), entry);
    }

    /// Mode after owner, because a change of owner takes set-uid away; attributes after both, because it takes
    /// capabilities away, too; the time last.
    private void describe(Fd directory, byte[] name, TarEntry entry) throws IOException {
        at.changeOwner(directory, name, entry.owner().uid(), entry.owner().gid());
        if (entry.kind() != Kind.SYMLINK) {
            at.changeMode(directory, name, entry.mode());
        }
        setAttributes(entry, (attribute, value) -> at.setAttribute(directory, name, attribute, value));
        at.setTime(directory, name, entry.time().seconds(), entry.time().nanos());
    }

    private interface AttributeSetter {
        void set(String attribute, byte[] value) throws LinuxException;
    }

    /// A file system that has no attributes of a kind makes no layer impossible.
    private static void setAttributes(TarEntry entry, AttributeSetter setter) throws IOException {
        for (Map.Entry<String, byte[]> attribute : entry.attributes().entrySet()) {
            if (OverlayMarks.isOwn(attribute.getKey())) {
                continue;
            }
            try {
                setter.set(attribute.getKey(), attribute.getValue());
            } catch (LinuxException e) {
                switch (e.errno()) {
                    case EOPNOTSUPP ->
                        LOG.debugf("the file system does not keep an attribute attribute=%s", attribute.getKey());
                    case ENOSPC -> throw attribute.getValue().length < LARGE_ATTRIBUTE ? e : tooLarge(attribute);
                    default -> throw e;
                }
            }
        }
    }

    private static MalformedLayerException tooLarge(Map.Entry<String, byte[]> attribute) {
        return new MalformedLayerException("the file system does not keep an attribute of %d bytes, or is full: %s"
                .formatted(attribute.getValue().length, attribute.getKey()));
    }
}
