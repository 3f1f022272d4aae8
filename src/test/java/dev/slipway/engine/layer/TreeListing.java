package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that is in a tree, one line a file, so that two trees can be compared: type, mode, owner, time, size,
/// link target, device, extended attributes, content, and which names are one file. Names are Latin-1, one
/// character a byte. The root has the name `.`.
public final class TreeListing {
    private static final byte[] SELF = {'.'};

    private final At at = new At();
    private final Map<String, String> lines = new TreeMap<>();
    private final Map<Long, String> names = new HashMap<>();

    private TreeListing() {}

    public static Map<String, String> of(Path tree) throws IOException {
        TreeListing listing = new TreeListing();
        try (Fd directory = listing.at.openHost(tree);
                Fd readable = listing.at.openChild(directory, SELF)) {
            listing.lines.put(".", listing.line(readable, SELF, "."));
            listing.list(readable, "");
        }
        return listing.lines;
    }

    private void list(Fd directory, String path) throws IOException {
        TreeSet<String> children = new TreeSet<>();
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, directory)) {
            children.add(new String(entry.name(), ISO_8859_1));
        }
        for (String child : children) {
            byte[] name = child.getBytes(ISO_8859_1);
            lines.put(path + child, line(directory, name, path + child));
            if (at.stat(directory, name).isDirectory()) {
                try (Fd below = at.openChild(directory, name)) {
                    list(below, path + child + "/");
                }
            }
        }
    }

    private String line(Fd directory, byte[] name, String path) throws IOException {
        FileStat stat = at.stat(directory, name);
        String line = "%s %04o %d:%d %d.%09d"
                .formatted(type(stat), stat.permissions(), stat.uid(), stat.gid(), stat.seconds(), stat.nanos());
        line += switch (stat.type()) {
            case FileStat.REGULAR -> " size=" + stat.size() + " " + digest(directory, name);
            case FileStat.SYMLINK -> " -> " + new String(at.readLink(directory, name), ISO_8859_1);
            case FileStat.CHARACTER_DEVICE, FileStat.BLOCK_DEVICE ->
                " " + FileStat.major(stat.device()) + ":" + FileStat.minor(stat.device());
            default -> "";
        };
        if (stat.links() > 1 && !stat.isDirectory()) {
            // Of a file whose other names an upper layer hides the link count still tells.
            String first = names.putIfAbsent(stat.inode(), path);
            line += first == null ? "" : " same as " + first;
        }
        return line + attributes(directory, name);
    }

    private String attributes(Fd directory, byte[] name) throws IOException {
        StringBuilder text = new StringBuilder();
        String all = new String(at.attributeNames(directory, name), ISO_8859_1);
        for (String attribute : new TreeSet<>(List.of(all.split("\0")))) {
            if (!attribute.isEmpty()) {
                text.append(' ').append(attribute).append('=');
                text.append(new String(at.attribute(directory, name, attribute), ISO_8859_1));
            }
        }
        return text.toString();
    }

    private String digest(Fd directory, byte[] name) throws IOException {
        MessageDigest hash = Digest.sha256Hasher();
        byte[] buffer = new byte[1 << 16];
        try (Fd file = at.openFile(directory, name)) {
            for (int count = at.read(file, buffer); count > 0; count = at.read(file, buffer)) {
                hash.update(buffer, 0, count);
            }
        }
        return Digest.ofSha256(hash).shortHex();
    }

    private static char type(FileStat stat) {
        return switch (stat.type()) {
            case FileStat.REGULAR -> '-';
            case FileStat.DIRECTORY -> 'd';
            case FileStat.SYMLINK -> 'l';
            case FileStat.CHARACTER_DEVICE -> 'c';
            case FileStat.BLOCK_DEVICE -> 'b';
            case FileStat.FIFO -> 'p';
            default -> '?';
        };
    }
}
