package dev.slipway.engine.tree;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Files that a step may take: of the whole host, or of a directory of it. Paths are [ImagePath]s, and links on the way
/// do not lead out of the tree. For one thread.
public final class SourceTree implements AutoCloseable {
    private static final String CAPABILITIES = "security.capability";
    private static final String OF_USERS = "user.";

    private final At at = new At();
    private final Fd root;
    private final String owner;
    private final String place;

    private SourceTree(Fd root, String owner, String place) {
        this.root = root;
        this.owner = owner;
        this.place = place;
    }

    /// @param directory absolute path on the host
    public static SourceTree of(String directory) throws IOException {
        // Not through a path of Java, which may have no letters for the name in the locale of this process.
        try (Fd host = new At().openHost(Path.of("/"))) {
            Fd root = new At().openDirectory(host, bytes(directory));
            return new SourceTree(root, "this host", directory.equals("/") ? "" : directory);
        }
    }

    /// What image layers show together.
    ///
    /// @param lowers layer directories, topmost first, at least one
    /// @param owner what people call the image
    public static SourceTree ofLayers(List<Path> lowers, String owner) throws IOException {
        Fd root = lowers.size() == 1 ? new At().openHost(lowers.getFirst()) : Mounts.mergedLayers(lowers);
        return new SourceTree(root, owner, "");
    }

    /// Whose files these are, for messages.
    String owner() {
        return owner;
    }

    /// The path as people know it.
    public String absolute(String path) {
        return place + "/" + path;
    }

    /// What is there, links not followed; null for nothing.
    @Nullable
    public FileStat stat(String path) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while reading " + absolute(path));
        }
        try {
            return at.stat(root, bytes(path));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    public String readLink(String path) throws IOException {
        return text(at.readLink(root, bytes(path)), "link " + absolute(path));
    }

    /// The names in a directory, sorted.
    public List<String> names(String directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (Fd opened = at.openChild(root, bytes(directory))) {
            for (TreeRemoval.Entry entry : TreeRemoval.entries(at, opened)) {
                names.add(text(entry.name(), "a name in " + absolute(directory)));
            }
        }
        names.sort(null);
        return names;
    }

    public Fd open(String file) throws IOException {
        return at.openFile(root, bytes(file));
    }

    /// The attributes that belong to a file wherever it is: capabilities, and those of users. Each byte of a value
    /// is one letter.
    public SortedMap<String, String> attributes(String path) throws IOException {
        SortedMap<String, String> found = new TreeMap<>();
        try {
            String names = new String(at.attributeNames(root, bytes(path)), StandardCharsets.UTF_8);
            for (String name : names.split("\0")) {
                if (name.equals(CAPABILITIES) || name.startsWith(OF_USERS)) {
                    found.put(name, new String(at.attribute(root, bytes(path), name), StandardCharsets.ISO_8859_1));
                }
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
        return found;
    }

    @Override
    public void close() {
        root.close();
    }

    public static byte[] bytes(String path) {
        return (path.isEmpty() ? "." : path).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] name, String what) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException(what + " is not UTF-8: " + new String(name, StandardCharsets.UTF_8), e);
        }
    }
}
