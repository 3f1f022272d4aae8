package dev.slipway.engine.user;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What ranges the engines of a host have, for all of them to see: in one directory that vanishes with the host's
/// power, as the pods' namespaces do, a link for each range, from its first id to the run directory of the engine that
/// has it. To make a link is one step, and fails when there is one; so two engines cannot both have a range, and a
/// range stays its pod's while its engine does not run.
///
/// ```
/// /run/slipway-ids/1073741824 -> /run/slipway
/// /run/slipway-ids/1073807360 -> /srv/other/run
/// ```
///
/// The link of an engine that was removed from the host leads nowhere; the next engine that starts takes it away. That
/// may also be because an engine sees other directories than the others, as with systemd's `PrivateTmp`: so each has a
/// file there, too, that is locked as long as it runs. Who takes such a lock, or looks for those that nobody has, has
/// the lock of the directory meanwhile: else one could remove a file that another is just about to lock.
///
/// systemd-nspawn chooses among the same ids, and has a file for each range that it uses: these are left alone.
///
/// The directory is the same whatever run directory an engine has, because it is what they have in common.
///
/// Thread-safe: all state is on the disk, but for the lock on that file, which this object guards.
final class HostClaims implements IdRanges.Claims {
    private static final Logger LOG = Logger.getLogger(HostClaims.class);
    private static final Path DIRECTORY = Path.of("/run/slipway-ids");
    private static final Path MACHINES = Path.of("/run/systemd/nspawn-uid");
    private static final String LOCK = "lock";
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long PAUSE_NANOS = 2_000_000;
    private static final String PRESENCE = "engine-";

    private final Path directory;
    private final Path machines;
    private final Path engine;
    private @Nullable FileLock presence;
    private boolean isOpen;

    /// @param directory the same for all engines
    /// @param machines where systemd-nspawn says what it uses
    /// @param engine the run directory of this one; must exist before the first claim
    HostClaims(Path directory, Path machines, Path engine) {
        this.directory = directory;
        this.machines = machines;
        this.engine = engine.toAbsolutePath().normalize();
    }

    static HostClaims of(Path engine) {
        return new HostClaims(DIRECTORY, MACHINES, engine);
    }

    /// Takes away what engines have left that are not on the host any more, and shows that this one runs. What
    /// cannot be done now is tried again at the next claim.
    synchronized void open() {
        isOpen = true;
        enter(LIMIT);
    }

    private void enter(Duration patience) {
        try {
            Files.createDirectories(directory);
            try (FileChannel file = FileChannel.open(
                            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = await(file, patience)) {
                removeLeft();
                presence = hold(presenceOf(engine));
            }
        } catch (IOException e) {
            LOG.warnf("other engines cannot see that this one has its user ids reason=%s", e.getMessage());
        }
    }

    /// The kernel gives a lock back by itself when a process ends.
    @Override
    public synchronized void close() {
        isOpen = false;
        FileLock held = presence;
        if (held == null) {
            return;
        }
        try (Channel _ = held.acquiredBy()) {
            Files.deleteIfExists(presenceOf(engine));
        } catch (IOException e) {
            LOG.warnf("a lock on user ids stays reason=%s", e.getMessage());
        } finally {
            presence = null;
        }
    }

    private Path presenceOf(Path other) {
        byte[] name = other.toString().getBytes(StandardCharsets.UTF_8);
        return directory.resolve(PRESENCE + UUID.nameUUIDFromBytes(name));
    }

    /// Called with the lock of the directory held.
    private static FileLock hold(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            Object opened = fileKey(file);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException("lock " + file + ": another engine of the same run directory has it");
            }
            if (!opened.equals(fileKey(file))) {
                throw new IOException("lock " + file + ": it was replaced meanwhile");
            }
            return lock;
        } catch (IOException | OverlappingFileLockException e) {
            channel.close();
            throw e instanceof IOException failure ? failure : new IOException("lock " + file, e);
        }
    }

    private static Object fileKey(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /// Others have it for as long as they look through the directory.
    private static FileLock await(FileChannel file, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        FileLock lock = tryLock(file);
        while (lock == null) {
            if (System.nanoTime() >= deadline) {
                throw new IOException("lock the claims of user ids: another engine has them locked");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            lock = tryLock(file);
        }
        return lock;
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            LOG.debug("another engine of this process looks through the claims of user ids");
            return null;
        }
    }

    private boolean isLocked(Path presence) throws IOException {
        try (FileChannel channel = FileChannel.open(presence, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (NoSuchFileException e) {
            return false;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }

    private void removeLeft() throws IOException {
        List<Path> all;
        try (Stream<Path> entries = Files.list(directory)) {
            all = entries.toList();
        }
        List<Path> left = all.stream()
                .filter(Files::isSymbolicLink)
                .filter(Files::notExists)
                .toList();
        for (Path claim : left) {
            Path owner = Files.readSymbolicLink(claim);
            if (!isLocked(presenceOf(owner))) {
                Files.deleteIfExists(claim);
                LOG.infof("user ids of a removed engine are free again first=%s", claim.getFileName());
            }
        }
        for (Path presence : all) {
            // One that was killed could not remove its own.
            if (presence.getFileName().toString().startsWith(PRESENCE) && !isLocked(presence)) {
                Files.deleteIfExists(presence);
            }
        }
    }

    @Override
    public synchronized boolean claim(IdRange range) throws IOException {
        show();
        List<Path> made = new ArrayList<>();
        boolean isWhole = false;
        try {
            isWhole = claim(claims(range), made);
        } finally {
            if (!isWhole) {
                release(made);
            }
        }
        return isWhole;
    }

    private void show() {
        if (isDoubted()) {
            // Pods do not wait for it.
            enter(Duration.ZERO);
        }
    }

    /// Whether this engine should show that it runs, and cannot. That may be because another one does, with the
    /// same run directory as it sees it: then what is claimed in its name may be the other's.
    private boolean isDoubted() {
        return isOpen && presence == null;
    }

    /// @param made gets those that were not this engine's before
    private boolean claim(List<Path> claims, List<Path> made) throws IOException {
        for (Path claim : claims) {
            boolean isMachines = Files.exists(machines.resolve(claim.getFileName()), LinkOption.NOFOLLOW_LINKS);
            boolean isNew = !isMachines && make(claim);
            if (isNew) {
                made.add(claim);
            }
            if (isMachines || (!isNew && (isDoubted() || !isOwn(claim)))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void release(IdRange range) {
        release(claims(range));
    }

    @Override
    public synchronized void retain(Collection<IdRange> kept) {
        show();
        if (isDoubted()) {
            LOG.warnf("user ids that nobody has may be another engine's and stay claimed engine=%s", engine);
            return;
        }
        Set<Path> needed =
                kept.stream().flatMap(range -> claims(range).stream()).collect(Collectors.toSet());
        try (Stream<Path> entries = Files.list(directory)) {
            release(entries.filter(Files::isSymbolicLink)
                    .filter(claim -> !needed.contains(claim))
                    .toList());
        } catch (IOException e) {
            LOG.warnf("user ids that nobody has stay claimed reason=%s", e.getMessage());
        }
    }

    /// Another engine's claim is not this one's to take away: of ids that both have given, one of them has it.
    private void release(List<Path> claims) {
        for (Path claim : claims) {
            try {
                if (isOwn(claim)) {
                    Files.deleteIfExists(claim);
                }
            } catch (IOException e) {
                // It stays this engine's, which may give it away again.
                LOG.warnf("user ids stay claimed first=%s reason=%s", claim.getFileName(), e.getMessage());
            }
        }
    }

    /// @return false when there is one, perhaps of this engine before it was started again
    private boolean make(Path claim) throws IOException {
        try {
            Files.createDirectories(directory);
            Files.createSymbolicLink(claim, engine);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private boolean isOwn(Path claim) throws IOException {
        try {
            return Files.readSymbolicLink(claim).equals(engine);
        } catch (NoSuchFileException | NotLinkException e) {
            return false;
        }
    }

    private List<Path> claims(IdRange range) {
        return range.blocks(IdRanges.SIZE).stream()
                .map(block -> directory.resolve(Integer.toString(block.first())))
                .toList();
    }
}
