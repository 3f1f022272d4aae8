package dev.slipway.engine.repository;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// The files of repositories, one each. The time of a file is when its repository was used last. Not safe by itself:
/// its owner's lock guards it.
final class RepositoryFiles {
    private static final Logger LOG = Logger.getLogger(RepositoryFiles.class);
    private static final String FILE = "_repository.json";

    /// When a use is written down that is later than the one on the disk.
    static final Duration NOTED = Duration.ofMinutes(1);

    private final Path root;
    private final Map<Repository, Instant> used = new HashMap<>();

    RepositoryFiles(Path root) {
        this.root = root;
    }

    /// What there is.
    ///
    /// @param complete whether all of it could be read
    record Found(Map<Repository, RepositoryContents> all, boolean complete) {}

    /// Reads all of them. One that cannot be read stays where it is.
    Found read() throws IOException {
        Files.createDirectories(
                root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Map<Repository, RepositoryContents> all = new HashMap<>();
        boolean complete = true;
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(each -> each.endsWith(FILE)).toList()) {
                try {
                    Repository repository = repository(root.relativize(file.getParent()));
                    AtomicFile.sweep(directory(repository));
                    all.put(repository, RepositoryCodec.read(Files.readAllBytes(file)));
                    used.put(repository, Files.getLastModifiedTime(file).toInstant());
                } catch (IOException | IllegalArgumentException e) {
                    complete = false;
                    LOG.errorf("repository cannot be read file=%s reason=\"%s\"", file, e.getMessage());
                }
            }
        }
        return new Found(all, complete);
    }

    private static Repository repository(Path name) {
        return new Repository(
                name.getName(0).toString(), name.subpath(1, name.getNameCount()).toString());
    }

    void write(Repository repository, RepositoryContents contents, Instant now) throws IOException {
        Path file = file(repository);
        if (contents.isEmpty()) {
            Files.deleteIfExists(file);
            used.remove(repository);
        } else {
            Files.createDirectories(file.getParent());
            AtomicFile.write(file, RepositoryCodec.write(contents));
            note(repository, now);
        }
    }

    /// When a repository was used last.
    Instant used(Repository repository) {
        return used.getOrDefault(repository, Instant.EPOCH);
    }

    /// Somebody uses it, if there is such a repository; the disk learns of it once a minute.
    void use(Repository repository, Instant now) throws IOException {
        Instant before = used.replace(repository, now);
        if (before != null && before.plus(NOTED).isBefore(now)) {
            note(repository, now);
        }
    }

    private void note(Repository repository, Instant now) throws IOException {
        used.put(repository, now);
        Files.setLastModifiedTime(file(repository), FileTime.from(now));
    }

    private Path file(Repository repository) {
        return directory(repository).resolve(FILE);
    }

    private Path directory(Repository repository) {
        return root.resolve(repository.host()).resolve(repository.path());
    }
}
