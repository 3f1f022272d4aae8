package dev.slipway.engine.build;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Which layer a step made, by the key of all that decided it: one file a key, durable. It says so also of layers that
/// are not on this host any more, because a later layer may be known by what it stands on. An entry is as old as its
/// last use, give or take a day. Safe for use by many threads.
///
/// ```
/// <root>/builds/<hex of the key>      one line
/// ```
final class StepCache {
    private static final Logger LOG = Logger.getLogger(StepCache.class);
    private static final Duration USE_NOTED = Duration.ofDays(1);

    private final Path directory;
    private final ContentStore content;
    private final Snapshots snapshots;
    private final InstantSource clock;
    /// The keys that were asked for since the start: each build is looked at once by then, whatever the dates say.
    private final Set<String> used = ConcurrentHashMap.newKeySet();

    StepCache(Path directory, ContentStore content, Snapshots snapshots, InstantSource clock) {
        this.directory = directory;
        this.content = content;
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /// A layer that a step made, as one line of text: `<digest> <bytes> <diffID>`.
    ///
    /// @param blob packed with gzip
    record KnownLayer(Descriptor blob, DiffId diffId) {
        String line() {
            return blob.digest() + " " + blob.sizeBytes() + " " + diffId + "\n";
        }

        /// Empty for what is not such a line.
        static Optional<KnownLayer> parse(String line) {
            String[] parts = line.strip().split(" ", -1);
            if (parts.length != 3 || !parts[1].matches("[0-9]{1,15}")) {
                return Optional.empty();
            }
            Optional<Digest> diffId = Digest.parse(parts[2]);
            return Digest.parse(parts[0])
                    .filter(digest -> diffId.isPresent())
                    .map(digest -> new KnownLayer(
                            new Descriptor(MediaType.OCI_LAYER_GZIP, digest, Long.parseLong(parts[1])),
                            new DiffId(diffId.orElseThrow())));
        }
    }

    Optional<KnownLayer> find(Digest key) throws IOException {
        String line;
        used.add(key.hex());
        try {
            line = Files.readString(file(key));
            touch(file(key));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return KnownLayer.parse(line);
    }

    /// Whether there is more of a layer than its name.
    boolean isHere(KnownLayer layer) throws IOException {
        return snapshots.hasLayer(layer.diffId())
                && content.contains(layer.blob().digest());
    }

    void put(Digest key, KnownLayer layer) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        AtomicFile.write(file(key), layer.line().getBytes(US_ASCII));
    }

    /// Notes a use, once a day: a build that finds everything writes nothing.
    private void touch(Path file) throws IOException {
        Instant now = clock.instant();
        if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(USE_NOTED))) {
            Files.setLastModifiedTime(file, FileTime.from(now));
        }
    }

    /// Forgets what no build has asked for since `before`.
    ///
    /// @return how many entries went
    int expire(Instant before) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isRegularFile)) {
            for (Path entry : entries) {
                boolean isOld = Files.getLastModifiedTime(entry).toInstant().isBefore(before);
                if (isOld && !used.contains(entry.getFileName().toString()) && Files.deleteIfExists(entry)) {
                    count++;
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debugf("nothing has been built yet directory=%s", e.getFile());
        }
        return count;
    }

    private Path file(Digest key) {
        return directory.resolve(key.hex());
    }
}
