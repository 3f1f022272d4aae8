package dev.slipway.engine.layer;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// The directories of a tree in which entries are made, opened inside the tree's root and made where they are
/// missing. A few are kept open, because archives have the entries of a directory together.
///
/// Keeps no more in memory than those: a directory's time is put back when it is let go, so nothing has to be
/// remembered to the end.
final class Places implements AutoCloseable {
    private static final byte[] SELF = {'.'};
    private static final int MOST_OPEN = 64;
    private static final int MOST_LINKS = 40;
    private static final int IMPLICIT_MODE = 0755;

    private final At at;
    private final Fd root;
    private final int depth;
    private final Additions additions;

    /// By name, the one longest not used first.
    private final LinkedHashMap<String, Place> open = new LinkedHashMap<>(2 * MOST_OPEN, 0.75f, true);

    private byte[] lastName = {'/'};
    private Optional<Place> last = Optional.empty();

    Places(At at, Fd root, Additions additions) throws IOException {
        this.at = at;
        this.root = root;
        this.depth = Place.depth(at, root);
        this.additions = additions;
    }

    /// Is told of each directory before it is made without an entry of its own.
    interface Additions {
        /// @param hides whether it stands where lower layers are to be hidden
        void add(Fd parent, byte[] name, boolean hides) throws IOException;
    }

    /// The directory of this name, with its parents made if it is missing. Valid until the next call.
    Place of(byte[] name) throws IOException {
        if (last.isPresent() && Arrays.equals(name, lastName)) {
            return last.get();
        }
        Place place = find(name);
        lastName = name;
        last = Optional.of(place);
        return place;
    }

    /// To be called before something on the way to a directory is replaced, or its own time or mode is set.
    void letGo() throws LinuxException {
        last = Optional.empty();
        for (Place place : open.values()) {
            place.close();
        }
        open.clear();
    }

    /// Gives the directories their times.
    @Override
    public void close() throws LinuxException {
        letGo();
    }

    private Place find(byte[] name) throws IOException {
        String key = new String(name, StandardCharsets.ISO_8859_1);
        Place known = open.get(key);
        if (known != null) {
            return known;
        }
        try {
            return keep(key, at.openDirectory(root, name));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
            make(key);
            return keep(key, at.openDirectory(root, name));
        }
    }

    private Place keep(String key, Fd directory) throws IOException {
        Place place = Place.of(at, directory, depth);
        for (Place other : open.values()) {
            if (other.inode() == place.inode()) {
                // Another name of an open directory, by way of a link: its time now is not the one to put back.
                directory.close();
                place = other.hold();
                break;
            }
        }
        open.put(key, place);
        if (open.size() > MOST_OPEN) {
            Map.Entry<String, Place> eldest = open.firstEntry();
            open.remove(eldest.getKey());
            eldest.getValue().close();
        }
        return place;
    }

    /// Makes the directories that are missing for `path`.
    private void make(String path) throws IOException {
        String wanted = path;
        int links = 0;
        for (int there = lengthThere(wanted); there < wanted.length(); there = lengthThere(wanted)) {
            Optional<String> elsewhere = makeSome(wanted, there);
            if (elsewhere.isPresent() && ++links > MOST_LINKS) {
                throw new MalformedLayerException("its name leads through too many links");
            }
            wanted = elsewhere.orElse(wanted);
        }
    }

    /// How much of `path`, in whole names, is a directory already. What is below a directory that is missing is
    /// missing.
    private int lengthThere(String path) throws IOException {
        int[] ends = ends(path);
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (isDirectory(path.substring(0, ends[middle]))) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return ends[low];
    }

    /// Where a name of `path` ends, beginning with 0 for no name at all.
    private static int[] ends(String path) {
        return IntStream.concat(
                        IntStream.of(0),
                        IntStream.rangeClosed(1, path.length())
                                .filter(end -> end == path.length() || path.charAt(end) == '/'))
                .toArray();
    }

    private boolean isDirectory(String path) throws LinuxException {
        try (Fd directory = at.openDirectory(root, bytes(path))) {
            return directory.number() >= 0;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }

    /// Makes what is missing of `path` behind its first `there` characters, up to a `..` that a link brought in.
    ///
    /// @return the path to go on with, if a link stands where a directory is missing
    private Optional<String> makeSome(String path, int there) throws IOException {
        String[] names = path.substring(there == 0 ? 0 : there + 1).split("/");
        Fd parent = find(bytes(path.substring(0, there))).directory();
        Optional<FileStat> here = stat(parent, bytes(names[0]));
        if (here.isPresent() && here.get().type() == FileStat.SYMLINK) {
            String target = follow(path.substring(0, there), at.readLink(parent, bytes(names[0])));
            names[0] = target;
            return Optional.of(String.join("/", names));
        }
        if (here.isPresent() && !here.get().isWhiteout()) {
            throw new MalformedLayerException("its name leads through what is no directory");
        }
        makeOne(parent, bytes(names[0]), here.isPresent());
        makeBelow(at.openDirectory(parent, bytes(names[0])), names);
        return Optional.empty();
    }

    /// Makes the second and later of `names`, each in the one before, and closes `first`.
    private void makeBelow(Fd first, String[] names) throws IOException {
        Fd directory = first;
        try {
            for (int i = 1; i < names.length && !names[i].equals("..") && !names[i].equals("."); i++) {
                makeOne(directory, bytes(names[i]), false);
                Fd next = at.openDirectory(directory, bytes(names[i]));
                at.setTime(directory, SELF, 0, 0);
                directory.close();
                directory = next;
            }
        } finally {
            directory.close();
        }
    }

    private void makeOne(Fd directory, byte[] name, boolean replacesWhiteout) throws IOException {
        additions.add(directory, name, replacesWhiteout);
        if (replacesWhiteout) {
            at.removeFile(directory, name);
        }
        at.makeDirectory(directory, name, IMPLICIT_MODE);
        at.changeOwner(directory, name, 0, 0);
        at.changeMode(directory, name, IMPLICIT_MODE);
        if (replacesWhiteout) {
            at.setAttribute(directory, name, OverlayMarks.OPAQUE, OverlayMarks.yes());
        }
        at.setTime(directory, name, 0, 0);
    }

    private static String follow(String parent, byte[] target) {
        String text = new String(target, StandardCharsets.ISO_8859_1).replaceAll("//+", "/");
        return text.startsWith("/") || parent.isEmpty() ? strip(text) : parent + "/" + strip(text);
    }

    private static String strip(String path) {
        int start = 0;
        int end = path.length();
        while (start < end && path.charAt(start) == '/') {
            start++;
        }
        while (end > start && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(start, end);
    }

    Optional<FileStat> stat(Fd directory, byte[] name) throws LinuxException {
        try {
            return Optional.of(at.stat(directory, name));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }
}
