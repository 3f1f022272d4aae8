package dev.slipway.engine.launch;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Single files of image layers as overlayfs would show them, read without a mount, which costs more than reading a
/// file of a few lines. Belongs to one thread.
///
/// The names are an image's: symbolic links are followed inside the layers only, and nothing but a regular file is
/// opened.
///
/// @spec https://docs.kernel.org/filesystems/overlayfs.html overlayfs
final class LayeredFiles implements AutoCloseable {
    private static final String OPAQUE = "trusted.overlay.opaque";
    /// The kernel's limit for one path.
    private static final int MOST_LINKS = 40;

    private final At at = new At();
    private final List<Fd> opened = new ArrayList<>();
    private final List<Fd> root = new ArrayList<>();

    private LayeredFiles() {}

    /// @param lowers layer directories, topmost first
    static LayeredFiles open(List<Path> lowers) throws IOException {
        LayeredFiles files = new LayeredFiles();
        try {
            for (Path lower : lowers) {
                files.root.add(files.own(files.at.openHost(lower)));
            }
            return files;
        } catch (IOException e) {
            files.close();
            throw e;
        }
    }

    /// Of a single layer, which stays its owner's to close.
    static LayeredFiles of(Fd layer) {
        LayeredFiles files = new LayeredFiles();
        files.root.add(layer);
        return files;
    }

    @Override
    public void close() {
        opened.forEach(Fd::close);
    }

    /// All of the file that `path` leads to, or empty if it leads nowhere.
    ///
    /// @param path absolute, inside the layers
    /// @throws IOException when it leads to something else than a regular file of at most `limitBytes`, or in
    /// circles
    Optional<byte[]> read(String path, int limitBytes) throws IOException {
        Deque<List<Fd>> way = new ArrayDeque<>(List.of(root));
        Deque<String> rest = new ArrayDeque<>(names(path));
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.pop();
            if (name.equals("..")) {
                leave(way);
                continue;
            }
            switch (find(way.element(), bytes(name))) {
                case Missing _ -> {
                    return Optional.empty();
                }
                case Directory directory -> way.push(directory.layers);
                case Other file -> {
                    return rest.isEmpty() ? Optional.of(content(file, path, limitBytes)) : Optional.empty();
                }
                case Link link -> {
                    if (++links > MOST_LINKS) {
                        throw new LinuxException(Errno.ELOOP.number(), "open", path);
                    }
                    follow(link.target, way, rest);
                }
            }
        }
        throw notRegular(path);
    }

    /// What a name is in a merged directory.
    private sealed interface Entry {}

    private record Missing() implements Entry {}

    /// @param layers the directories that are merged, topmost first
    private record Directory(List<Fd> layers) implements Entry {}

    private record Link(String target) implements Entry {}

    private record Other(Fd parent, byte[] name, FileStat stat) implements Entry {}

    private Entry find(List<Fd> layers, byte[] name) throws LinuxException {
        List<Fd> merged = new ArrayList<>();
        for (Fd layer : layers) {
            Optional<FileStat> stat = at.find(layer, name);
            if (stat.isEmpty()) {
                continue;
            }
            if (!stat.get().isDirectory()) {
                return merged.isEmpty() ? leaf(layer, name, stat.get()) : new Directory(merged);
            }
            merged.add(own(at.openDirectory(layer, name)));
            if (isOpaque(layer, name)) {
                break;
            }
        }
        return merged.isEmpty() ? new Missing() : new Directory(merged);
    }

    private Entry leaf(Fd layer, byte[] name, FileStat stat) throws LinuxException {
        if (stat.isWhiteout()) {
            return new Missing();
        }
        return stat.type() == FileStat.SYMLINK
                ? new Link(text(at.readLink(layer, name)))
                : new Other(layer, name, stat);
    }

    /// Whether the directory hides those of the layers below it.
    private boolean isOpaque(Fd layer, byte[] name) throws LinuxException {
        return Arrays.asList(text(at.attributeNames(layer, name)).split("\0")).contains(OPAQUE)
                && text(at.attribute(layer, name, OPAQUE)).equals("y");
    }

    private void follow(String target, Deque<List<Fd>> way, Deque<String> rest) {
        if (target.startsWith("/")) {
            way.clear();
            way.push(root);
        }
        names(target).reversed().forEach(rest::push);
    }

    private static void leave(Deque<List<Fd>> way) {
        // The parent of the root is the root.
        if (way.size() > 1) {
            way.pop();
        }
    }

    private byte[] content(Other file, String path, int limitBytes) throws IOException {
        // What is not regular is not even opened: a fifo waits for a writer, a device may do anything.
        if (file.stat.type() != FileStat.REGULAR) {
            throw notRegular(path);
        }
        try (Fd fd = at.openFile(file.parent, file.name)) {
            long size = at.stat(fd).size();
            if (size > limitBytes) {
                throw new IOException("read %s: larger than %d bytes".formatted(path, limitBytes));
            }
            return content(fd, (int) size);
        }
    }

    /// No more than there was at first: a container may write its files meanwhile, and the kernel's own, which are
    /// said to be empty, may have no end.
    private byte[] content(Fd file, int size) throws LinuxException {
        ByteArrayOutputStream content = new ByteArrayOutputStream(size);
        byte[] part = new byte[Math.min(size, 1 << 16)];
        int count = part.length;
        while (content.size() < size && count > 0) {
            count = at.read(file, part);
            content.write(part, 0, Math.min(count, size - content.size()));
        }
        return content.toByteArray();
    }

    private static IOException notRegular(String path) {
        return new IOException("read %s: not a regular file".formatted(path));
    }

    private Fd own(Fd fd) {
        opened.add(fd);
        return fd;
    }

    private static List<String> names(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    /// Names are bytes; this charset carries all of them.
    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }
}
