package dev.slipway.app;

import dev.slipway.actor.image.ImageActor;
import dev.slipway.app.settings.EngineSettings;
import dev.slipway.disk.DirectoryLock;
import dev.slipway.door.distribution.Clocks;
import dev.slipway.door.distribution.ServedRegistries;
import dev.slipway.door.health.Metric;
import dev.slipway.engine.runtime.ContainerRuntime;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One engine: every room, started in order and stopped in the opposite one.
///
/// ```
/// store -> engine column (finds what runs) -> actors (one round for every object) -> doors (answer, apply)
/// ```
///
/// Whatever was started is stopped when a later part cannot start. Started and closed by one thread.
final class Engine implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Engine.class);

    private static final FileAttribute<?> MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));

    private final EngineSettings settings;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private @Nullable View view;

    Engine(EngineSettings settings) {
        this.settings = settings;
    }

    /// @param vertx with native transport
    void start(Vertx vertx) throws IOException {
        long begin = System.nanoTime();
        try {
            startRooms(vertx);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        LOG.infof(
                "engine started root=%s version=%s durationMs=%d",
                settings.root(), EngineVersion.CURRENT, (System.nanoTime() - begin) / 1_000_000);
    }

    private void startRooms(Vertx vertx) throws IOException {
        makeDirectory("data directory", settings.root());
        makeDirectory("run directory", settings.run());
        Threads threads = closing(Threads.open());
        DesiredColumn desired = closing(DesiredColumn.open(settings.root(), hostName(), threads.schedule()));
        // What is found in the run directory and is not in this store would be ended as nobody's.
        closing(DirectoryLock.take(settings.run()));
        EngineColumn engine = closing(EngineColumn.open(settings, threads));
        ServedRegistries registries = closing(new ServedRegistries(
                new ServedRegistries.Parts(
                        engine.repositories(),
                        engine.images(),
                        engine.content(),
                        engine.registry(),
                        ImageActor.takenNames(desired.objects().store(), engine.images()),
                        ImageActor.declaredNames(desired.objects().store(), engine.images())),
                settings.mirroredBytes(),
                threads.blocking(),
                new Clocks(threads.schedule().clock(), threads.steady()),
                vertx));
        Actors actors = closing(new Actors(settings, desired, engine, registries::use, threads.schedule()));
        desired.start();
        registries.start();
        actors.start();
        engine.upkeep().start(desired.store(), actors::touchNode);
        Doors.Windows windows = new Doors.Windows(
                new RuntimeLogs(engine.runtime(), engine.builder()),
                new RuntimeSessions(engine.runtime()),
                new RuntimeCopies(engine.runtime(), engine.images()),
                new RuntimeUsage(engine.runtime(), engine.cgroups()),
                new StoredImages(desired.objects().store(), engine.images(), engine.archives(), engine.pusher()),
                actors.space(),
                List.of(),
                List.of(() -> containers(engine.runtime().counts()), actors.space()::metrics));
        Doors doors = closing(Doors.of(settings, desired, windows, threads.schedule()));
        doors.start(vertx);
        view = new View(desired, doors);
    }

    /// What who is started beside the engine may look at.
    record View(DesiredColumn desired, Doors doors) {}

    View view() {
        return Objects.requireNonNull(view, "the engine has not been started");
    }

    private static List<Metric> containers(ContainerRuntime.Counts counts) {
        Metric all = Metric.gauge("slipway_containers", "Containers by what they are doing.", 0);
        return List.of(
                all.with("state", "created").at(counts.created()),
                all.with("state", "running").at(counts.running()),
                all.with("state", "paused").at(counts.paused()),
                all.with("state", "exited").at(counts.exited()),
                all.with("state", "lost").at(counts.lost()));
    }

    private <T extends AutoCloseable> T closing(T room) {
        started.push(room);
        return room;
    }

    private static void makeDirectory(String what, Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.createDirectories(directory, MODE);
        } catch (NoSuchFileException e) {
            throw new IOException("make the %s %s: its file system takes none".formatted(what, directory), e);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("make the %s %s: %s is a file".formatted(what, directory, e.getFile()), e);
        } catch (FileSystemException e) {
            String reason = Objects.requireNonNullElse(e.getReason(), "permission denied");
            throw new IOException("make the %s %s: %s".formatted(what, directory, reason.toLowerCase(Locale.ROOT)), e);
        }
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    /// Stops everything; containers go on.
    @Override
    public void close() {
        while (!started.isEmpty()) {
            AutoCloseable room = started.pop();
            try {
                room.close();
            } catch (Exception e) {
                // The root of the engine's end: what cannot stop must not keep the others from stopping.
                LOG.errorf(e, "room did not stop room=%s", room.getClass().getSimpleName());
            }
        }
    }
}
