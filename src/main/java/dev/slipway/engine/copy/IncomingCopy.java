package dev.slipway.engine.copy;

import dev.slipway.engine.layer.EntryName;
import dev.slipway.engine.layer.SparseMap;
import dev.slipway.engine.layer.TarEntry;
import dev.slipway.engine.layer.TarEntry.Owner;
import dev.slipway.engine.layer.TarReader;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.ThreadOfItsOwn;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Unpacks an archive in a directory of a running container, as its root would: owners and modes are those of the
/// archive, a file takes the place of a file, a directory that is there stays as it is.
public final class IncomingCopy {
    private static final int FIRST_MODE = 0700;
    private static final int IMPLICIT_MODE = 0755;

    private final At at = new At();
    private final Owners owners;
    private final Absent absent;
    private final Fd root;
    private final byte[] path;
    private final Wishes wishes;

    private IncomingCopy(ContainerRoot root, byte[] path, Wishes wishes) throws IOException {
        this.owners = new Owners(root.users());
        this.absent = Absent.of(root);
        this.root = root.directory();
        this.path = path;
        this.wishes = wishes;
    }

    /// How files of an archive are to be in the container.
    ///
    /// @param as takes the place of the first of each entry's names; empty for none
    /// @param toRoot all belong to the container's root, whatever the archive says
    public record Wishes(String as, boolean toRoot) {
        public Wishes {
            if (as.contains("/") || as.equals(".") || as.equals("..")) {
                throw new IllegalArgumentException("not a name: " + as);
            }
        }
    }

    /// Reads `archive` to its end.
    ///
    /// @param path of a directory
    /// @throws MissingFileException when that is none
    /// @throws CopyRefusedException when the archive holds what is not copied
    public static void unpack(ContainerRoot root, String path, Wishes wishes, InputStream archive) throws IOException {
        IncomingCopy copy = new IncomingCopy(root, EntryName.of(bytes(path)).whole(), wishes);
        copy.requireDirectory(path);
        if (root.users().isEmpty()) {
            copy.unpack(archive);
            return;
        }
        try (Handover handover = Handover.of(archive)) {
            int owner = root.users().get().first();
            ThreadOfItsOwn.makingFilesFor(owner, () -> {
                // The native memory of an instance belongs to one thread.
                new IncomingCopy(root, copy.path, wishes).unpack(handover.stream());
                return null;
            });
        }
    }

    private static byte[] bytes(String path) {
        return path.getBytes(StandardCharsets.UTF_8);
    }

    private void requireDirectory(String asked) throws IOException {
        try (ContainerPath found = ContainerPath.find(at, root, asked)) {
            if (!found.stat().isDirectory()) {
                throw new MissingFileException(asked + ": not a directory in the container");
            }
            absent.check(found.directory(), found.name());
        }
    }

    private void unpack(InputStream archive) throws IOException {
        TarReader reader = new TarReader(archive);
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            EntryName name = named(entry.name());
            if (!name.isRoot()) {
                try {
                    add(name, entry, reader);
                } catch (LinuxException e) {
                    throw new CopyRefusedException("copy %s: %s".formatted(name, e.getMessage()));
                }
            }
        }
    }

    private EntryName named(byte[] name) throws IOException {
        EntryName clean = EntryName.of(name);
        if (wishes.as().isEmpty() || clean.isRoot()) {
            return clean;
        }
        String whole = new String(clean.whole(), StandardCharsets.ISO_8859_1);
        int slash = whole.indexOf('/');
        String rest = slash < 0 ? "" : whole.substring(slash);
        String as = new String(bytes(wishes.as()), StandardCharsets.ISO_8859_1);
        return EntryName.of((as + rest).getBytes(StandardCharsets.ISO_8859_1));
    }

    private Owner owner(TarEntry entry) throws IOException {
        return owners.onHost(wishes.toRoot() ? new Owner(0, 0) : entry.owner());
    }

    private void add(EntryName name, TarEntry entry, TarReader reader) throws IOException {
        try (Fd directory = directory(name.parent())) {
            absent.check(directory, name.last());
            switch (entry.kind()) {
                case DIRECTORY -> addDirectory(directory, name.last(), entry);
                case FILE -> addFile(directory, name, entry, reader);
                case SYMLINK -> {
                    clear(directory, name);
                    at.makeSymlink(entry.link(), directory, name.last());
                    try (Fd made = made(directory, name.last(), FileStat.SYMLINK)) {
                        Owner owner = owner(entry);
                        at.changeNodeOwner(made, owner.uid(), owner.gid());
                    }
                }
                case HARD_LINK -> {
                    EntryName target = named(entry.link());
                    try (Fd from = at.openDirectory(root, below(target.parent()))) {
                        clear(directory, name);
                        at.makeLink(from, target.last(), directory, name.last());
                    }
                }
                case FIFO -> {
                    clear(directory, name);
                    at.makeNode(directory, name.last(), FileStat.FIFO | FIRST_MODE, 0);
                    describe(directory, name.last(), entry, FileStat.FIFO);
                }
                case CHARACTER_DEVICE, BLOCK_DEVICE ->
                    throw new CopyRefusedException("copy %s: device nodes are not copied".formatted(name));
            }
        }
    }

    private void addDirectory(Fd directory, byte[] name, TarEntry entry) throws IOException {
        if (at.find(directory, name).filter(FileStat::isDirectory).isEmpty()) {
            at.makeDirectory(directory, name, FIRST_MODE);
            describe(directory, name, entry, FileStat.DIRECTORY);
        }
    }

    private void addFile(Fd directory, EntryName name, TarEntry entry, TarReader reader) throws IOException {
        clear(directory, name);
        Owner owner = owner(entry);
        try (Fd file = at.create(directory, name.last(), FIRST_MODE & 0600)) {
            write(file, entry, reader);
            at.changeOwner(file, owner.uid(), owner.gid());
            at.changeMode(file, entry.mode());
            at.setTime(file, entry.time().seconds(), entry.time().nanos());
        }
    }

    private void write(Fd file, TarEntry entry, TarReader reader) throws IOException {
        SparseMap map = entry.sparse();
        if (map == null) {
            reader.content(entry.bytes(), (bytes, offset, length) -> at.write(file, bytes, offset, length));
            return;
        }
        at.truncate(file, map.size());
        long[] segments = map.segments();
        for (int i = 0; i < segments.length; i += 2) {
            at.seek(file, segments[i]);
            reader.content(segments[i + 1], (bytes, offset, length) -> at.write(file, bytes, offset, length));
        }
    }

    private void describe(Fd directory, byte[] name, TarEntry entry, int type) throws IOException {
        Owner owner = owner(entry);
        try (Fd made = made(directory, name, type)) {
            at.changeNodeOwner(made, owner.uid(), owner.gid());
            at.changeNodeMode(made, entry.mode());
            at.setNodeTime(made, entry.time().seconds(), entry.time().nanos());
        }
    }

    /// Opens what was just made, to be changed by its descriptor: programs of the container may put a link to
    /// anywhere, or a program of theirs, in its place meanwhile.
    private Fd made(Fd directory, byte[] name, int type) throws IOException {
        Fd node = at.findNode(directory, name).orElseThrow(() -> replaced(name));
        if (at.stat(node).type() != type) {
            node.close();
            throw replaced(name);
        }
        return node;
    }

    private static CopyRefusedException replaced(byte[] name) {
        return new CopyRefusedException(
                "copy %s: it was taken away meanwhile".formatted(new EntryName(new byte[0], name)));
    }

    /// Removes the file of this name; a directory is never taken away.
    private void clear(Fd directory, EntryName name) throws IOException {
        Optional<FileStat> there = at.find(directory, name.last());
        if (there.isPresent()) {
            if (there.get().isDirectory()) {
                throw new CopyRefusedException("copy %s: a directory is there".formatted(name));
            }
            at.removeFile(directory, name.last());
        }
    }

    /// The directory of entries, with those on the way made where they are missing.
    private Fd directory(byte[] parent) throws IOException {
        try {
            return at.openDirectory(root, below(parent));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        EntryName missing = EntryName.of(parent);
        try (Fd above = directory(missing.parent())) {
            at.makeDirectory(above, missing.last(), IMPLICIT_MODE);
            try (Fd made = made(above, missing.last(), FileStat.DIRECTORY)) {
                Owner owner = owners.onHost(new Owner(0, 0));
                at.changeNodeOwner(made, owner.uid(), owner.gid());
                at.changeNodeMode(made, IMPLICIT_MODE);
            }
        }
        return at.openDirectory(root, below(parent));
    }

    private byte[] below(byte[] name) {
        byte[] whole = Arrays.copyOf(path, path.length + 1 + name.length);
        whole[path.length] = '/';
        System.arraycopy(name, 0, whole, path.length + 1, name.length);
        return whole;
    }
}
