package dev.slipway.engine.user;

import java.io.IOException;
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
import java.util.List;
import java.util.UUID;
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
/// file there, too, that is locked as long as it runs.
///
/// systemd-nspawn chooses among the same ids, and has a file for each range that it uses: these are left alone.
///
/// The directory is the same whatever run directory an engine has, because it is what they have in common.
///
/// Thread-safe: all state is on the disk, but for the lock, which one thread takes and gives back.
final class HostClaims implements IdRanges.Claims {
    private static final Logger LOG = Logger.getLogger(HostClaims.class);
    private static final Path DIRECTORY = Path.of("/run/slipway-ids");
    private static final Path MACHINES = Path.of("/run/systemd/nspawn-uid");
    private static final String LOCK = "lock";
    private static final String PRESENCE = "engine-";

    private final Path directory;
    private final Path machines;
    private final Path engine;
    private @Nullable FileChannel presence;

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

    /// Takes away what engines have left that are not on the host any more; what cannot be done now, the next that
    /// starts will do.
    void open() {
        try {
            sweep();
            presence = hold(presenceOf(engine));
        } catch (IOException e) {
            LOG.warnf("user ids of removed engines cannot be freed reason=%s", e.getMessage());
        }
    }

    /// The kernel gives a lock back by itself when a process ends.
    @Override
    public void close() {
        try (FileChannel held = presence) {
            if (held != null) {
                Files.deleteIfExists(presenceOf(engine));
            }
        } catch (IOException e) {
            LOG.warnf("a lock on user ids stays reason=%s", e.getMessage());
        }
    }

    private Path presenceOf(Path other) {
        byte[] name = other.toString().getBytes(StandardCharsets.UTF_8);
        return directory.resolve(PRESENCE + UUID.nameUUIDFromBytes(name));
    }

    private static FileChannel hold(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            channel.tryLock();
            return channel;
        } catch (IOException | OverlappingFileLockException e) {
            channel.close();
            throw new IOException("lock " + file, e);
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

    private void sweep() throws IOException {
        Files.createDirectories(directory);
        try (FileChannel file =
                        FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            // Who holds it does the same.
            if (lock != null) {
                removeLeft();
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("another engine of this process sweeps the claims of ids");
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
    public boolean claim(IdRange range) throws IOException {
        List<Path> claims = claims(range);
        for (int i = 0; i < claims.size(); i++) {
            if (!isClaimed(claims.get(i))) {
                release(claims.subList(0, i));
                return false;
            }
        }
        return true;
    }

    @Override
    public void release(IdRange range) {
        release(claims(range));
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

    /// Also one that this engine had made before it was started again.
    private boolean isClaimed(Path claim) throws IOException {
        if (Files.exists(machines.resolve(claim.getFileName()), LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            Files.createDirectories(directory);
            Files.createSymbolicLink(claim, engine);
            return true;
        } catch (FileAlreadyExistsException e) {
            return isOwn(claim);
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
        return Stream.iterate(
                        range.first(), first -> first < range.first() + range.size(), first -> first + IdRanges.SIZE)
                .map(first -> directory.resolve(first.toString()))
                .toList();
    }
}
