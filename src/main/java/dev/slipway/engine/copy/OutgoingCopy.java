package dev.slipway.engine.copy;

import dev.slipway.engine.layer.TarEntry;
import dev.slipway.engine.layer.TarEntry.Kind;
import dev.slipway.engine.layer.TarEntry.Time;
import dev.slipway.engine.layer.TarWriter;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A file or tree of a running container on its way out. Files may change meanwhile: one that has gone is left out, one
/// that grows is cut, one that shrinks is filled up with zeros, as tar does. For one thread.
///
/// A directory is read piece by piece, and each on the way down is open: a tree takes memory by its depth, which has a
/// bound, and not by its width.
///
/// The names in the archive begin with the last name of the path, whatever links it leads through; for the root, and a
/// path that ends with a dot, they begin below it.
public final class OutgoingCopy implements AutoCloseable {
    private static final byte[] NONE = {};
    private static final int CHUNK_BYTES = 1 << 17;
    private static final int DEEPEST = 500;
    private static final List<String> OF_THE_KERNEL = List.of("proc", "sys", "dev");

    private final At at = new At();
    private final Owners owners;
    private final ContainerPath start;
    private final byte[] name;
    private final boolean isRoot;
    private final Twins twins = new Twins();
    private final Deque<Level> levels = new ArrayDeque<>();
    private final byte[] chunk = new byte[CHUNK_BYTES];

    private OutgoingCopy(ContainerRoot root, String path, String as) throws IOException {
        this.owners = new Owners(root.users());
        this.start = find(at, root, path);
        FileStat top = at.stat(root.directory());
        this.isRoot = top.inode() == start.stat().inode()
                && top.filesystem() == start.stat().filesystem();
        String last = path.substring(
                        path.lastIndexOf('/', path.replaceAll("/+$", "").length() - 1) + 1)
                .replaceAll("/+$", "");
        String named = as.isEmpty() && (last.equals(".") || last.equals("..")) ? "" : as.isEmpty() ? last : as;
        this.name = named.getBytes(StandardCharsets.UTF_8);
    }

    private static ContainerPath find(At at, ContainerRoot root, String path) throws IOException {
        Absent absent = Absent.of(root);
        absent.check(path);
        ContainerPath start = ContainerPath.find(at, root.directory(), path);
        try {
            absent.checkTree(start.directory(), start.name());
            return start;
        } catch (IOException e) {
            start.close();
            throw e;
        }
    }

    /// @param as the first name in the archive; empty for the last of the path
    /// @throws MissingFileException when the path leads to nothing
    /// @throws CopyRefusedException when something of it is not there, because the container does not run
    public static OutgoingCopy of(ContainerRoot root, String path, String as) throws IOException {
        return new OutgoingCopy(root, path, as);
    }

    /// Writes the archive; flushes and does not close `to`. What fails breaks it off: it has no end then.
    ///
    /// @throws CopyRefusedException when the tree is deeper than what is copied
    public void writeTo(OutputStream to) throws IOException {
        OutputStream buffered = new BufferedOutputStream(to, CHUNK_BYTES);
        TarWriter archive = new TarWriter(buffered);
        try {
            if (start.stat().isDirectory() && name.length == 0) {
                enter(start.directory(), start.name(), NONE);
            } else {
                add(archive, start.directory(), start.name(), name);
            }
            while (!levels.isEmpty()) {
                addNext(archive, levels.element());
            }
        } finally {
            levels.forEach(Level::close);
        }
        archive.end();
        buffered.flush();
    }

    private void addNext(TarWriter archive, Level level) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while copying from a container");
        }
        Optional<byte[]> child = level.next(at);
        if (child.isEmpty()) {
            levels.pop().close();
        } else if (!isOfTheKernel(child.get())) {
            add(archive, level.directory(), child.get(), join(level.path(), child.get()));
        }
    }

    private boolean isOfTheKernel(byte[] child) {
        return isRoot && levels.size() == 1 && OF_THE_KERNEL.contains(new String(child, StandardCharsets.UTF_8));
    }

    /// The names below a directory come next.
    private void enter(Fd parent, byte[] onDisk, byte[] below) throws IOException {
        if (levels.size() == DEEPEST) {
            throw new CopyRefusedException("more than %d directories are inside one another".formatted(DEEPEST));
        }
        try {
            levels.push(new Level(at.openChild(parent, onDisk), below));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
        }
    }

    private void add(TarWriter archive, Fd directory, byte[] onDisk, byte[] path) throws IOException {
        Optional<FileStat> found = at.find(directory, onDisk);
        if (found.isEmpty()) {
            return;
        }
        FileStat stat = found.get();
        switch (stat.type()) {
            case FileStat.DIRECTORY -> {
                byte[] below = join(path, new byte[] {'/'});
                archive.begin(entry(Kind.DIRECTORY, below, NONE, stat));
                enter(directory, onDisk, below);
            }
            case FileStat.REGULAR -> addFile(archive, directory, onDisk, path);
            case FileStat.SYMLINK -> {
                if (!addTwin(archive, path, stat)) {
                    archive.begin(entry(Kind.SYMLINK, path, at.readLink(directory, onDisk), stat));
                }
            }
            case FileStat.FIFO -> {
                if (!addTwin(archive, path, stat)) {
                    archive.begin(entry(Kind.FIFO, path, NONE, stat));
                }
            }
            default -> {}
        }
    }

    /// Adds a file as a link to another name that it has in the archive. Otherwise the entry is to be added now.
    private boolean addTwin(TarWriter archive, byte[] path, FileStat stat) throws IOException {
        Optional<byte[]> first = twins.firstName(stat, path);
        if (first.isPresent()) {
            archive.begin(entry(Kind.HARD_LINK, path, first.get(), stat));
        }
        return first.isPresent();
    }

    private void addFile(TarWriter archive, Fd directory, byte[] onDisk, byte[] path) throws IOException {
        Optional<Fd> opened = open(directory, onDisk);
        if (opened.isEmpty()) {
            return;
        }
        try (Fd file = opened.get()) {
            FileStat stat = at.stat(file);
            if (!addTwin(archive, path, stat)) {
                archive.begin(entry(Kind.FILE, path, NONE, stat));
                addContent(archive, file, stat.size());
            }
        }
    }

    /// Empty when it has gone, or something else took its place.
    private Optional<Fd> open(Fd directory, byte[] onDisk) throws IOException {
        try {
            return Optional.of(at.openFile(directory, onDisk));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.EINVAL) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private void addContent(TarWriter archive, Fd file, long size) throws IOException {
        for (long left = size; left > 0; ) {
            int count = at.read(file, chunk);
            if (count == 0) {
                Arrays.fill(chunk, (byte) 0);
                count = chunk.length;
            }
            int some = (int) Math.min(left, count);
            archive.content(chunk, 0, some);
            left -= some;
        }
    }

    private TarEntry entry(Kind kind, byte[] path, byte[] link, FileStat stat) {
        return new TarEntry(
                kind,
                path,
                link,
                stat.permissions(),
                owners.inside(stat),
                new Time(stat.seconds(), 0),
                0,
                kind == Kind.FILE ? stat.size() : 0,
                null,
                Map.of());
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Override
    public void close() {
        start.close();
    }
}
