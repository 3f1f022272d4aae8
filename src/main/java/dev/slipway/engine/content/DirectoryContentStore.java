package dev.slipway.engine.content;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Blobs as files in an OCI image layout. Owns its directory alone; [#start] prepares it.
///
/// Safe for use by many threads: a blob appears by rename and never changes, and a partial file has one writer.
public final class DirectoryContentStore implements ContentStore {
    private static final Logger LOG = Logger.getLogger(DirectoryContentStore.class);
    private static final Duration PARTIAL_KEPT = Duration.ofDays(1);
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final ContentFiles files;
    private final InstantSource clock;
    private final Set<Path> busy = ConcurrentHashMap.newKeySet();

    public DirectoryContentStore(Path root, InstantSource clock) {
        this.files = new ContentFiles(root);
        this.clock = clock;
    }

    /// Makes the directories, and sweeps ingests that nobody will resume.
    public void start() throws IOException {
        for (String algorithm : List.of("sha256", "sha512")) {
            Files.createDirectories(files.blobs(algorithm), PRIVATE_DIRECTORY);
        }
        Files.createDirectories(files.ingests(), PRIVATE_DIRECTORY);
        AtomicFile.sweep(files.root());
        if (!Files.exists(files.layout())) {
            AtomicFile.write(files.layout(), ContentFiles.LAYOUT.getBytes());
        }
        sweep();
    }

    @Override
    public OptionalLong sizeBytes(Digest digest) throws IOException {
        try {
            return OptionalLong.of(Files.size(files.blob(digest)));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public InputStream open(Digest digest, long offsetBytes) throws IOException {
        FileChannel channel = FileChannel.open(files.blob(digest), StandardOpenOption.READ);
        channel.position(offsetBytes);
        return Channels.newInputStream(channel);
    }

    @Override
    public Ingest begin(Digest digest, long sizeBytes) throws IOException {
        Path partial = files.partial(digest);
        boolean first = busy.add(partial);
        try {
            Path file = first ? partial : newFile();
            return new FileIngest(new FileIngest.Target(digest, sizeBytes, first), file, this::publish);
        } catch (IOException | RuntimeException e) {
            if (first) {
                busy.remove(partial);
            }
            throw e;
        }
    }

    @Override
    public Ingest begin() throws IOException {
        return new FileIngest(FileIngest.Target.UNKNOWN, newFile(), this::publish);
    }

    @Override
    public boolean delete(Digest digest) throws IOException {
        Path partial = files.partial(digest);
        if (busy.add(partial)) {
            try {
                Files.deleteIfExists(partial);
            } finally {
                busy.remove(partial);
            }
        }
        return Files.deleteIfExists(files.blob(digest));
    }

    @Override
    public Set<Digest> list() throws IOException {
        Set<Digest> found = new HashSet<>();
        for (String algorithm : List.of("sha256", "sha512")) {
            try (DirectoryStream<Path> blobs = Files.newDirectoryStream(files.blobs(algorithm))) {
                blobs.forEach(blob -> ContentFiles.digest(algorithm, blob).ifPresent(found::add));
            }
        }
        return found;
    }

    /// Ends an ingest: gives the synced `file` the name of `verified`, or just lets go of it.
    private void publish(Path file, Optional<Digest> verified) throws IOException {
        try {
            if (verified.isPresent()) {
                Path blob = files.blob(verified.get());
                Files.move(file, blob, StandardCopyOption.ATOMIC_MOVE);
                AtomicFile.syncDirectory(files.blobs(verified.get().algorithm()));
            }
        } finally {
            busy.remove(file);
        }
    }

    private Path newFile() throws IOException {
        return Files.createTempFile(files.ingests(), ContentFiles.MADE, "", PRIVATE_FILE);
    }

    private void sweep() throws IOException {
        try (DirectoryStream<Path> made = Files.newDirectoryStream(files.ingests(), ContentFiles.MADE + "*")) {
            for (Path partial : made) {
                Files.deleteIfExists(partial);
            }
        }
        sweepPartials();
    }

    @Override
    public void sweepPartials() throws IOException {
        try (DirectoryStream<Path> partials = Files.newDirectoryStream(files.ingests())) {
            for (Path partial : partials) {
                boolean resumable = !partial.getFileName().toString().startsWith(ContentFiles.MADE);
                if (resumable && busy.add(partial)) {
                    removeOld(partial);
                }
            }
        }
    }

    /// Whoever begins the same ingest meanwhile finds it busy, and takes another file.
    private void removeOld(Path partial) throws IOException {
        try {
            Instant written = Files.getLastModifiedTime(partial).toInstant();
            if (Duration.between(written, clock.instant()).compareTo(PARTIAL_KEPT) > 0) {
                Files.deleteIfExists(partial);
            }
        } catch (NoSuchFileException e) {
            LOG.debugf("ingest has ended meanwhile file=%s", partial);
        } finally {
            busy.remove(partial);
        }
    }
}
