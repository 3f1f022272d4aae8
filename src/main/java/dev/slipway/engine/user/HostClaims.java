package dev.slipway.engine.user;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

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
/// The link of an engine that was removed from the host leads nowhere; the next engine that starts takes it away.
///
/// systemd-nspawn chooses among the same ids, and has a file for each range that it uses: these are left alone.
///
/// Thread-safe: all state is on the disk.
final class HostClaims implements IdRanges.Claims {
    private static final Logger LOG = Logger.getLogger(HostClaims.class);
    private static final Path DIRECTORY = Path.of("/run/slipway-ids");
    private static final Path MACHINES = Path.of("/run/systemd/nspawn-uid");
    private static final String LOCK = "lock";

    private final Path directory;
    private final Path machines;
    private final Path engine;

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

    /// Takes away what engines have left that are not on the host any more.
    void sweep() throws IOException {
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
        List<Path> left;
        try (Stream<Path> entries = Files.list(directory)) {
            left = entries.filter(Files::isSymbolicLink)
                    .filter(Files::notExists)
                    .toList();
        }
        for (Path claim : left) {
            Files.deleteIfExists(claim);
            LOG.infof("user ids of a removed engine are free again first=%s", claim.getFileName());
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

    private static void release(List<Path> claims) {
        for (Path claim : claims) {
            try {
                Files.deleteIfExists(claim);
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
