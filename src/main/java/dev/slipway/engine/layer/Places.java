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

/// The directories of a tree in which entries are made, opened inside the tree's root and made where they are missing.
/// A few are kept open, because archives have the entries of a directory together.
///
/// Keeps no more in memory than those: a directory's time is put back when it is let go, so nothing has to be
/// remembered to the end.
final class Places implements AutoCloseable {
    private static final int MOST_OPEN = 64;
    private static final int MOST_LINKS = 40;
    private static final int IMPLICIT_MODE = 0755;

    private final At at;
    private final Fd root;
    private final Additions additions;

    /// By name, the one longest not used first.
    private final LinkedHashMap<String, Place> open = new LinkedHashMap<>(2 * MOST_OPEN, 0.75f, true);

    private byte[] lastName = {'/'};
    private Optional<Place> last = Optional.empty();

    Places(At at, Fd root, Additions additions) {
        this.at = at;
        this.root = root;
        this.additions = additions;
    }

    /// Is told of each directory that is made without an entry of its own.
    interface Additions {
        void added() throws MalformedLayerException;
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
            make(key, 0);
            return keep(key, at.openDirectory(root, name));
        }
    }

    private Place keep(String key, Fd directory) throws LinuxException {
        Place place = Place.of(at, directory);
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

    /// Makes the directories that are missing for `path`, beginning behind the part of it that is there.
    private void make(String path, int links) throws IOException {
        int there = lengthThere(path);
        while (there < path.length()) {
            int start = there == 0 ? 0 : there + 1;
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            Optional<String> elsewhere = step(path.substring(0, there), path.substring(start, end));
            if (elsewhere.isPresent()) {
                if (links == MOST_LINKS) {
                    throw new MalformedLayerException("its name leads through too many links");
                }
                make(elsewhere.get() + path.substring(end), links + 1);
                return;
            }
            there = end;
        }
    }

    /// How much of `path`, in whole names, is a directory already.
    private int lengthThere(String path) throws IOException {
        int length = path.length();
        while (length > 0 && !isDirectory(path.substring(0, length))) {
            length = Math.max(0, path.lastIndexOf('/', length - 1));
        }
        return length;
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

    /// Makes directory `name` in `parent`, which is there.
    ///
    /// @return where a link leads to that stands in its place
    private Optional<String> step(String parent, String name) throws IOException {
        byte[] last = bytes(name);
        Place place = find(bytes(parent));
        Fd directory = place.directory();
        Optional<FileStat> here = stat(directory, last);
        if (here.isEmpty() || here.get().isWhiteout()) {
            additions.added();
            boolean hides = here.isPresent();
            if (hides) {
                at.removeFile(directory, last);
            }
            at.makeDirectory(directory, last, IMPLICIT_MODE);
            at.changeOwner(directory, last, 0, 0);
            at.changeMode(directory, last, IMPLICIT_MODE);
            if (hides) {
                at.setAttribute(directory, last, OverlayMarks.OPAQUE, OverlayMarks.yes());
            }
            at.setTime(directory, last, 0, 0);
            return Optional.empty();
        }
        return switch (here.get().type()) {
            case FileStat.DIRECTORY -> Optional.empty();
            case FileStat.SYMLINK -> Optional.of(follow(parent, at.readLink(directory, last)));
            default -> throw new MalformedLayerException("its name leads through " + name + ", which is no directory");
        };
    }

    private static String follow(String parent, byte[] target) {
        String text = new String(target, StandardCharsets.ISO_8859_1);
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
