package dev.slipway.engine.volume;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileContent;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// Fills volumes that are empty, in place, because containers may have them mounted: they go on to see the same
/// directory.
///
/// ```
/// .making-<name>/<how>    the copy grows here; whoever comes later throws it away
///       |  all of it is on the disk
///       v
/// .moving-<name>/<how>   entry by entry goes from here into the volume; whoever comes later goes on with it
///       |  nothing is left that the volume lacks
///       v
/// .making-<name>          what remains is thrown away
/// ```
///
/// So a volume has nothing, or is completed before it is used. What containers have put into it meanwhile stays, also
/// under the name of something that the image has.
///
/// The file system lets nothing be renamed into a volume that is of another project, as the volume may have become
/// meanwhile: then the rest is copied once more, and goes in from `.making-<name>`. After a crash that begins anew.
///
/// `.filled` has a note of each volume that is filled once from an image ([#fillOnce]): from which one last.
///
/// Thread-safe: who fills a volume waits for others who do.
final class CopyUp {
    private static final String MOVING = ".moving-";
    /// The two ways of [ManagedVolumes.Root], as directories.
    private static final String TREE = "tree";

    private static final String ENTRIES = "entries";
    private static final byte[] SELF = {'.'};

    private final Path directory;
    private final VolumeQuotas quotas;
    private final VolumeReaders readers;
    private final VolumeNotes filled;
    private final Map<VolumeName, Lock> locks = new ConcurrentHashMap<>();

    /// @param directory of all managed volumes
    CopyUp(Path directory, VolumeQuotas quotas, VolumeReaders readers) {
        this.directory = directory;
        this.quotas = quotas;
        this.readers = readers;
        this.filled = new VolumeNotes(directory.resolve(".filled"));
    }

    void open() throws IOException {
        filled.open();
    }

    /// What a volume is filled with.
    @FunctionalInterface
    interface Source {
        /// @param target an empty directory
        /// @return false if there is nothing to copy
        boolean copy(Path target) throws IOException;
    }

    /// @param volume the root of the volume
    /// @param making `.making-<name>`
    void fill(VolumeName name, Path volume, Path making, ManagedVolumes.Root root, Source source) throws IOException {
        Lock lock = locks.computeIfAbsent(name, each -> new ReentrantLock());
        lock.lock();
        try {
            finish(name, volume, making);
            if (isEmpty(volume)) {
                copy(name, volume, making, root, source);
            }
        } finally {
            lock.unlock();
        }
    }

    /// As above, with the owner and mode of the image's directory; unless this image was the last one that it was
    /// done with. Then the volume only becomes whole.
    ///
    /// @param image that `source` is of
    void fillOnce(VolumeName name, Path volume, Path making, String image, Source source) throws IOException {
        byte[] note = image.getBytes(StandardCharsets.UTF_8);
        Lock lock = locks.computeIfAbsent(name, each -> new ReentrantLock());
        lock.lock();
        try {
            if (filled.read(name).filter(last -> Arrays.equals(last, note)).isPresent()) {
                finish(name, volume, making);
            } else {
                fill(name, volume, making, ManagedVolumes.Root.OF_IMAGE, source);
                filled.write(name, note);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Ends what an earlier engine, or a full disk, has interrupted.
    void complete(VolumeName name, Path volume, Path making) throws IOException {
        if (isBegun(name)) {
            Lock lock = locks.computeIfAbsent(name, each -> new ReentrantLock());
            lock.lock();
            try {
                finish(name, volume, making);
            } finally {
                lock.unlock();
            }
        }
    }

    /// Throws away what was to come into a volume that goes, or begins.
    void forget(VolumeName name) throws IOException {
        filled.remove(name);
        TreeRemoval.remove(moving(name));
        locks.remove(name);
    }

    private void copy(VolumeName name, Path volume, Path making, ManagedVolumes.Root root, Source source)
            throws IOException {
        TreeRemoval.remove(making);
        Files.createDirectory(making);
        quotas.follow(making, volume);
        Path copy = Files.createDirectory(making.resolve(root == ManagedVolumes.Root.OF_IMAGE ? TREE : ENTRIES));
        try {
            if (!source.copy(copy)) {
                return;
            }
            if (isEmpty(copy)) {
                giveRoot(copy, volume);
                return;
            }
            new At().syncFileSystem(making);
            if (!isEmpty(volume)) {
                return;
            }
            Files.move(making, moving(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            TreeRemoval.remove(making);
        }
        AtomicFile.syncDirectory(directory);
        finish(name, volume, making);
    }

    private void finish(VolumeName name, Path volume, Path making) throws IOException {
        if (!isBegun(name)) {
            return;
        }
        Path moving = moving(name);
        try {
            move(name, moving, volume);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EXDEV) {
                throw e;
            }
            moveCopy(name, moving, making, volume);
        }
        AtomicFile.syncDirectory(volume);
        // From here on what the volume has lost again does not come back.
        TreeRemoval.remove(making);
        Files.move(moving, making, StandardCopyOption.ATOMIC_MOVE);
        TreeRemoval.remove(making);
    }

    private void move(VolumeName name, Path place, Path volume) throws IOException {
        for (Path copy : copies(place)) {
            // A snapshot has all of it or nothing.
            readers.whenNone(name, () -> move(copy, volume));
            giveRoot(copy, volume);
        }
    }

    private static List<Path> copies(Path place) {
        return Stream.of(TREE, ENTRIES)
                .map(place::resolve)
                .filter(copy -> Files.isDirectory(copy, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    private void moveCopy(VolumeName name, Path moving, Path making, Path volume) throws IOException {
        try {
            copyAgain(moving, making, volume);
            move(name, making, volume);
        } finally {
            TreeRemoval.remove(making);
        }
    }

    private void copyAgain(Path moving, Path making, Path volume) throws IOException {
        TreeRemoval.remove(making);
        Files.createDirectory(making);
        quotas.follow(making, volume);
        At at = new At();
        for (Path copy : copies(moving)) {
            try (Fd from = at.openHost(copy);
                    Fd to = at.openHost(Files.createDirectory(making.resolve(copy.getFileName())))) {
                new TreeCopy(to).copy(from);
            }
        }
        at.syncFileSystem(making);
    }

    private static void move(Path copy, Path volume) throws LinuxException {
        At at = new At();
        try (Fd place = at.openHost(copy);
                Fd from = at.openChild(place, SELF);
                Fd to = at.openHost(volume)) {
            for (TreeRemoval.Entry entry : TreeRemoval.entries(at, from)) {
                try {
                    at.rename(from, entry.name(), to, entry.name());
                } catch (LinuxException e) {
                    if (e.errno() != Errno.EEXIST) {
                        throw e;
                    }
                }
            }
        }
    }

    private static void giveRoot(Path copy, Path volume) throws LinuxException {
        if (!copy.endsWith(TREE)) {
            return;
        }
        At at = new At();
        try (Fd place = at.openHost(copy);
                Fd from = at.openChild(place, SELF);
                Fd target = at.openHost(volume);
                Fd to = at.openChild(target, SELF)) {
            new FileContent(at).copyAttributes(from, to, SELF, at.stat(from));
        }
    }

    private boolean isBegun(VolumeName name) {
        return Files.isDirectory(moving(name), LinkOption.NOFOLLOW_LINKS);
    }

    private Path moving(VolumeName name) {
        return directory.resolve(MOVING + name);
    }

    /// The volume that something is to go into, by the name of its directory; empty for other directories.
    static Optional<VolumeName> destination(String entry) {
        return entry.startsWith(MOVING)
                ? Optional.of(new VolumeName(entry.substring(MOVING.length())))
                : Optional.empty();
    }

    static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }
}
