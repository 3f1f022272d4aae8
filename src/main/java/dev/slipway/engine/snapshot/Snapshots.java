package dev.slipway.engine.snapshot;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.ProjectQuota;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.quota.CountedTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// The layers of this host, unpacked, and the writable layers of its containers. Owns its directory alone.
///
/// Life: [#open] once; [#stage], fill, commit makes a layer; [#lowers] names the directories of an image's layers;
/// [#writable] makes a container's own one and [#removeWritable] ends it.
///
/// Safe for use by many threads: whatever appears or goes does so by rename, and one lock orders those of layers with
/// their marks.
public final class Snapshots {
    private static final Logger LOG = Logger.getLogger(Snapshots.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PRIVATE);
    private static final Set<PosixFilePermission> ROOT_MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    private final SnapshotFiles files;
    private final CountedTrees counted;
    private final Executor background;
    private final AtomicLong numbers = new AtomicLong();
    private final ReentrantLock changes = new ReentrantLock();

    private final Queue<Path> resisting = new ConcurrentLinkedQueue<>();

    /// Layers never change.
    private final Map<DiffId, Long> sizes = new ConcurrentHashMap<>();

    /// Layers that are not marked durable, each with the number of its commit. Guarded by `changes`.
    private final Map<DiffId, Long> fresh = new HashMap<>();

    /// Whether a task that marks them is on its way. Guarded by `changes`.
    private boolean settling;

    /// @param directory for instance `/var/lib/slipway/snapshots`
    /// @param background runs what nobody waits for: syncing layers, and removing what a crash left. A delay of
    ///     some seconds keeps the sync of one layer from slowing down the unpacking of the next
    public Snapshots(Path directory, Executor background) {
        this.files = new SnapshotFiles(directory.toAbsolutePath());
        this.counted = new CountedTrees(files.writables(), new SecureRandom());
        this.background = background;
    }

    /// Makes the directory and removes what a crash left: stagings, and layers that may not have reached the disk
    /// before the host went down.
    public void open() throws IOException {
        Files.createDirectories(files.root(), PRIVATE_DIRECTORY);
        Files.setPosixFilePermissions(files.root(), PRIVATE);
        for (Path directory : List.of(files.layers(), files.stagings(), files.writables())) {
            Files.createDirectories(directory, PRIVATE_DIRECTORY);
        }
        AtomicFile.sweep(files.root());
        List<Path> left = entries(files.stagings());
        keepTrusted(left);
        if (!left.isEmpty()) {
            background.execute(() -> left.forEach(Snapshots::removeLeft));
        }
    }

    public boolean hasLayer(DiffId layer) {
        return Files.isDirectory(files.tree(layer), LinkOption.NOFOLLOW_LINKS);
    }

    public Set<DiffId> layers() throws IOException {
        Set<DiffId> found = new HashSet<>();
        for (Path directory : entries(files.layers())) {
            SnapshotFiles.layerOf(directory).ifPresent(found::add);
        }
        return found;
    }

    /// What layers are as a stack. Looks at each of their files.
    ///
    /// @param stack bottom first
    /// @return in the same order
    /// @throws IOException also when one is not there
    public List<LayerFacts> survey(List<DiffId> stack) throws IOException {
        return StackSurvey.of(new LayerStack(files, stack).trees()).reversed();
    }

    /// What the files of a layer take on disk, each with several names counted once; zero if it is not there. Looks
    /// at each of them, the first time.
    public long bytes(DiffId layer) throws IOException {
        try {
            if (!sizes.containsKey(layer)) {
                sizes.put(layer, survey(List.of(layer)).getFirst().bytes());
            }
            return sizes.getOrDefault(layer, 0L);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return 0;
            }
            throw e;
        }
    }

    /// An empty directory, in which the caller makes the tree of a layer.
    public Staging stage() throws IOException {
        Path directory = newStaging();
        try {
            Files.setPosixFilePermissions(Files.createDirectory(SnapshotFiles.tree(directory)), ROOT_MODE);
        } catch (IOException e) {
            removeLeft(directory);
            throw e;
        }
        return new DirectoryStaging(directory);
    }

    /// Removes a layer that no image has; nothing happens if it is not there.
    public void removeLayer(DiffId layer) throws IOException {
        Path gone;
        changes.lock();
        try {
            gone = takeAway(files.layer(layer));
            fresh.remove(layer);
            sizes.remove(layer);
        } catch (NoSuchFileException e) {
            return;
        } finally {
            changes.unlock();
        }
        AtomicFile.syncDirectory(files.layers());
        discard(gone);
    }

    /// The directories of `layers`, which are given bottom first, for overlayfs: topmost first. A layer that comes
    /// twice counts where it is topmost, which makes the same tree; overlayfs refuses the second. Before a layer
    /// that leaves something open is what joins it with those below.
    ///
    /// @throws NoSuchFileException when one of them is not there
    public List<Path> lowers(List<DiffId> layers) throws IOException {
        return new LayerStack(files, layers).lowers();
    }

    /// What the topmost of `stack`, which is given bottom first, leaves open and nobody has joined yet; nothing for
    /// most layers. What joins it is to be committed as a layer of the name that this says: it belongs to every
    /// image whose layers begin with these.
    ///
    /// @throws NoSuchFileException when one of them is not there, or one below is not joined yet
    public Optional<Opening> opening(List<DiffId> stack) throws IOException {
        return new LayerStack(files, stack).opening();
    }

    /// The writable layer of a container; made when it is not there.
    public WritableLayer writable(SnapshotKey key) throws IOException {
        Optional<WritableLayer> here = findWritable(key);
        if (here.isPresent()) {
            return here.get();
        }
        Path directory = newStaging();
        try {
            counted.begin(directory);
            WritableLayer made = SnapshotFiles.writable(directory);
            Files.setPosixFilePermissions(Files.createDirectory(made.upper()), ROOT_MODE);
            Files.createDirectory(made.work(), PRIVATE_DIRECTORY);
            Files.move(directory, files.writable(key), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // It would take the room that a full disk has left.
            removeLeft(directory);
            throw e;
        }
        return SnapshotFiles.writable(files.writable(key));
    }

    public Optional<WritableLayer> findWritable(SnapshotKey key) {
        Path directory = files.writable(key);
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                ? Optional.of(SnapshotFiles.writable(directory))
                : Optional.empty();
    }

    /// What a writable layer takes, with the directories that make it one, if the file system counts it.
    public Optional<ProjectQuota.Usage> counted(SnapshotKey key) throws IOException {
        return counted.usage(files.writable(key));
    }

    /// Removes a writable layer with all that was written; nothing happens if it is not there.
    public void removeWritable(SnapshotKey key) throws IOException {
        try {
            discard(takeAway(files.writable(key)));
        } catch (NoSuchFileException e) {
            LOG.debugf("no writable layer to remove key=%s", key);
        }
    }

    public Set<SnapshotKey> writables() throws IOException {
        Set<SnapshotKey> keys = new HashSet<>();
        for (Path directory : entries(files.writables())) {
            keys.add(new SnapshotKey(directory.getFileName().toString()));
        }
        return keys;
    }

    /// Keeps the layers that a power cut cannot have harmed, and adds what was made of the others to `left`.
    private void keepTrusted(List<Path> left) throws IOException {
        String boot = Files.readString(BOOT_ID).strip();
        boolean sameBoot = boot.equals(bootOfLast());
        changes.lock();
        try {
            for (DiffId layer : layers()) {
                if (Files.exists(files.durable(layer))) {
                    continue;
                }
                if (sameBoot) {
                    settleLater(layer);
                } else {
                    LOG.infof("layer may have been cut short when the host went down and is dropped diffId=%s", layer);
                    left.add(takeAway(files.layer(layer)));
                }
            }
        } finally {
            changes.unlock();
        }
        if (!sameBoot) {
            AtomicFile.write(files.boot(), boot.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private String bootOfLast() throws IOException {
        try {
            return Files.readString(files.boot(), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private void publish(Path staging, DiffId layer) throws IOException {
        changes.lock();
        try {
            if (!hasLayer(layer)) {
                Files.move(staging, files.layer(layer), StandardCopyOption.ATOMIC_MOVE);
                settleLater(layer);
            }
        } finally {
            changes.unlock();
        }
    }

    /// Called with the lock held.
    private void settleLater(DiffId layer) {
        fresh.put(layer, numbers.incrementAndGet());
        if (!settling) {
            settling = true;
            background.execute(this::settle);
        }
    }

    /// Syncs what was committed until now and marks it.
    private void settle() {
        Map<DiffId, Long> synced;
        changes.lock();
        try {
            settling = false;
            synced = Map.copyOf(fresh);
        } finally {
            changes.unlock();
        }
        try {
            new At().syncFileSystem(files.root());
            for (Map.Entry<DiffId, Long> one : synced.entrySet()) {
                mark(one.getKey(), one.getValue());
            }
        } catch (IOException e) {
            LOG.warnf("layers could not be synced and would be unpacked again after a power cut reason=%s", e);
        }
    }

    /// Marks a layer, unless it is another one by now.
    private void mark(DiffId layer, Long commit) throws IOException {
        changes.lock();
        try {
            if (fresh.remove(layer, commit)) {
                Files.createFile(files.durable(layer));
            }
        } finally {
            changes.unlock();
        }
    }

    /// Gives `directory` a name in the stagings, where nobody looks for it.
    private Path takeAway(Path directory) throws IOException {
        while (true) {
            Path aside = files.staging(numbers.incrementAndGet());
            if (!Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
                return Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /// Removes what was taken away. What resists, for want of descriptors for instance, is tried again after the
    /// next that goes.
    private void discard(Path gone) throws IOException {
        try {
            TreeRemoval.remove(gone);
        } catch (IOException e) {
            resisting.add(gone);
            throw e;
        }
        for (int rest = resisting.size(); rest > 0; rest--) {
            Path again = resisting.poll();
            if (again != null && !removeLeft(again)) {
                resisting.add(again);
            }
        }
    }

    private Path newStaging() throws IOException {
        while (true) {
            try {
                return Files.createDirectory(files.staging(numbers.incrementAndGet()), PRIVATE_DIRECTORY);
            } catch (FileAlreadyExistsException e) {
                LOG.debugf("a crash left a staging of this number directory=%s", e.getFile());
            }
        }
    }

    private static boolean removeLeft(Path directory) {
        try {
            TreeRemoval.remove(directory);
            return true;
        } catch (LinuxException e) {
            LOG.warnf("what was left cannot be removed directory=%s reason=%s", directory, e.getMessage());
            return false;
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            List<Path> entries = new ArrayList<>();
            stream.forEach(entries::add);
            return entries;
        }
    }

    /// For one thread at a time.
    private final class DirectoryStaging implements Staging {
        private final Path staging;

        DirectoryStaging(Path staging) {
            this.staging = staging;
        }

        @Override
        public Path directory() {
            return SnapshotFiles.tree(staging);
        }

        @Override
        public Path looseEnds() {
            return SnapshotFiles.looseEnds(staging);
        }

        @Override
        public void commit(DiffId layer) throws IOException {
            publish(staging, layer);
        }

        /// After a commit there is nothing under that name any more.
        @Override
        public void close() throws IOException {
            TreeRemoval.remove(staging);
        }
    }
}
