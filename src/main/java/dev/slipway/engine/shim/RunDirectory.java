package dev.slipway.engine.shim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ProcessSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The files of one run. It appears and goes as a whole, also when the engine is killed meanwhile. Its shim writes
/// `exit.json`, Java the rest. Nothing is synced: it lies on a tmpfs.
record RunDirectory(Path path) {
    /// Begins the name of what is being made or removed; no id begins so.
    private static final String HALF = ".half-";
    /// More than a shim makes of its end.
    private static final int MOST_NOTES = 4;

    /// How a run ended.
    sealed interface Outcome {
        record Ended(ExitRecord exit) implements Outcome {}

        /// @param step number in the plan, 0 before the first
        record NotStarted(int step, int errno) implements Outcome {}
    }

    /// The entries of a directory of run directories.
    static List<RunDirectory> all(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().map(RunDirectory::new).toList();
        }
    }

    /// Makes it, with what a later engine needs to know and what the shim has to do: all of it or, when the engine
    /// is killed meanwhile, [half][#isHalf] of it.
    ///
    /// @throws FileAlreadyExistsException when there is one: run ids are used once
    void create(CgroupPlacement cgroup, byte[] plan) throws IOException {
        if (exists()) {
            throw new FileAlreadyExistsException(path.toString());
        }
        RunDirectory half = half();
        try {
            half.fill(cgroup, plan);
            Files.move(half.path, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                half.empty();
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /// Whether it is one that was being made or removed.
    boolean isHalf() {
        return path.getFileName().toString().startsWith(HALF);
    }

    private RunDirectory half() {
        return isHalf() ? this : new RunDirectory(path.resolveSibling(HALF + path.getFileName()));
    }

    private void fill(CgroupPlacement cgroup, byte[] plan) throws IOException {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<Path> directories = Stream.concat(cgroup.unified().stream(), cgroup.joined().stream())
                .toList();
        Files.write(
                path.resolve(ShimFiles.CGROUP),
                directories.stream().map(Path::toString).toList());
        writeSecret(ShimFiles.PLAN, plan);
    }

    /// Keeps what the first process is.
    void keepProcess(ProcessSpec process) throws IOException {
        writeSecret(ShimFiles.PROCESS, ProcessFile.write(process));
    }

    /// @throws IOException also when there is none, or one of another engine's form
    ProcessSpec process() throws IOException {
        Path file = path.resolve(ShimFiles.PROCESS);
        try {
            return ProcessFile.read(Files.readAllBytes(file));
        } catch (IllegalArgumentException e) {
            throw new IOException("read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// The environment in it may hold secrets.
    private void writeSecret(String name, byte[] content) throws IOException {
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var secret = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel file = FileChannel.open(path.resolve(name), options, secret)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        }
    }

    boolean exists() {
        return Files.isDirectory(path);
    }

    /// Whether the shim has not read its plan.
    boolean hasPlan() {
        return Files.exists(path.resolve(ShimFiles.PLAN));
    }

    /// The directories whose processes are the container's.
    List<Path> cgroups() throws IOException {
        try {
            return Files.readAllLines(path.resolve(ShimFiles.CGROUP)).stream()
                    .map(Path::of)
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /// What the shim has recorded; empty as long as it has not.
    Optional<Outcome> outcome() throws IOException {
        try {
            return Optional.of(parse(Files.readAllBytes(path.resolve(ShimFiles.EXIT))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    static Outcome parse(byte[] json) throws IOException {
        JsonNode record = new JsonMapper().readTree(json);
        if (record.has("failedStep")) {
            return new Outcome.NotStarted(
                    record.path("failedStep").asInt(), record.path("errno").asInt());
        }
        return new Outcome.Ended(new ExitRecord(
                record.path("pid").asInt(),
                record.path("exitCode").asInt(),
                record.path("signal").asInt(),
                Instant.parse(record.path("startedAt").asText()),
                Instant.parse(record.path("finishedAt").asText()),
                record.path("logDroppedBytes").asLong()));
    }

    /// Nothing happens if there is none. It goes as a whole: without some of its files it would say something else.
    void remove() throws IOException {
        RunDirectory half = half();
        try {
            Files.move(path, half.path, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        half.empty();
    }

    /// A shim that is just ending notes that meanwhile: it makes a file, and gives it another name.
    private void empty() throws IOException {
        for (int again = MOST_NOTES; true; again--) {
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.toList()) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(path);
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (DirectoryNotEmptyException e) {
                if (again == 0) {
                    throw e;
                }
            }
        }
    }
}
