package dev.slipway.engine.build;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.tree.FileFacts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Builds images, each step one layer.
///
/// ```
/// step -> what decides the layer (reads contexts and the host) -> key -> known layer, or: tree -> blob
/// all steps done -> config, manifest become visible -> name
/// ```
///
/// A build is also how to find out whether an image is still what its steps say: nothing is written if it is. Safe for
/// use by many threads; two builds of the same at the same time both do the work, and the result is one. Builds of one
/// `id` come one after the other.
public final class ImageBuilder {
    private static final Logger LOG = Logger.getLogger(ImageBuilder.class);

    private final Path directory;
    private final Rooms rooms;
    private final Tools tools;
    private final InstantSource clock;
    private final Supplier<PodUid> pods;
    /// By the ids of builds; held by the one that runs.
    private final Map<String, ReentrantLock> turns = new ConcurrentHashMap<>();

    /// What the builder works with; others open it before and close it afterwards.
    ///
    /// @param limits of layers, and of archives that builds unpack
    /// @param bounds of programs of which nothing is said
    public record Rooms(
            Images images,
            ContentStore content,
            Snapshots snapshots,
            ContainerRuntime runtime,
            LayerLimits limits,
            Bounds bounds) {}

    /// What this host can hold a program of a build to.
    ///
    /// @param memoryBytes what it may take; empty for all that is free
    /// @param countsProcesses whether their number can be limited
    public record Bounds(OptionalLong memoryBytes, boolean countsProcesses) {
        public static final Bounds NONE = new Bounds(OptionalLong.empty(), false);
    }

    /// Who has written what a commit takes.
    ///
    /// @param container of the pod; its layer is one that is kept
    /// @param words what the history of the image says of the layer
    public record Written(PodUid pod, String container, String words) {}

    /// Where images, blobs and trees are.
    record Stores(Images images, ContentStore content, Snapshots snapshots, LayerLimits limits) {}

    /// What all builds share.
    record Tools(Stores stores, StepCache cache, FileFacts facts, KeptLayers kept) {}

    /// @param directory for what is known of earlier builds, for instance `/var/lib/slipway/builds`; made when
    ///     needed
    /// @param pods names the pods that programs of builds run in
    public ImageBuilder(Path directory, Rooms rooms, InstantSource clock, Supplier<PodUid> pods) {
        this.directory = directory;
        this.rooms = rooms;
        this.clock = clock;
        this.pods = pods;
        Stores stores = new Stores(rooms.images(), rooms.content(), rooms.snapshots(), rooms.limits());
        this.tools = new Tools(
                stores,
                new StepCache(directory, rooms.content(), rooms.snapshots(), clock),
                new FileFacts(clock),
                new KeptLayers(rooms.images()));
    }

    /// Builds and waits for it, after one of the same id that has not ended yet. An interrupt ends it.
    public BuildOutcome build(BuildRequest request, BuildProgress progress) {
        ReentrantLock turn = turns.computeIfAbsent(request.id(), id -> new ReentrantLock());
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new BuildOutcome.Interrupted();
        }
        try {
            return buildInTurn(request, progress);
        } finally {
            turn.unlock();
        }
    }

    private BuildOutcome buildInTurn(BuildRequest request, BuildProgress progress) {
        BuildLog log = new BuildLog(log(request.id()), clock);
        tools.kept().begin(request.id());
        try {
            return built(request, progress, log);
        } catch (InterruptedIOException e) {
            Thread.currentThread().interrupt();
            return new BuildOutcome.Interrupted();
        } catch (IOException e) {
            return new BuildOutcome.Failed(told(log, StepFailedException.words(e)));
        } finally {
            tools.kept().end(request.id());
        }
    }

    /// Makes an image of what a container has written, on top of `base`, from which it runs. It is frozen for as long
    /// as that is read.
    ///
    /// @throws IOException also when it has no layer, or is stopped while it is read
    public LocalImage commit(LocalImage base, Written by, Set<Reference> names) throws IOException {
        ContainerName container = new ContainerName(by.pod(), by.container());
        return new ContainerCommit(tools.stores(), rooms.runtime(), base, container).run(by.words(), names);
    }

    /// Where the log of a build is; it may not be there.
    public Path log(String id) {
        return directory.resolve("logs").resolve(id + ".log");
    }

    /// Whether a build of that id runs: its log may grow.
    public boolean isRunning(String id) {
        ReentrantLock turn = turns.get(id);
        return turn != null && turn.isLocked();
    }

    /// No build of that id is near: layers go that were kept for it and that no image has. Its log stays.
    public void release(String id) {
        tools.kept().forget(id);
    }

    /// As [#release], for all builds that do not run.
    public void releaseAll() {
        tools.kept().forgetAll(this::isRunning);
    }

    /// Blobs and layers that are kept for the next build, some of which images have, too.
    public Set<Digest> kept() {
        return tools.kept().all();
    }

    /// Forgets how steps were done that no build has asked for since `before`, nor since the engine started.
    ///
    /// @return how many those were
    public int forgetSteps(Instant before) throws IOException {
        return tools.cache().expire(before);
    }

    /// There will be no further build of that id: its log goes, and what was kept for it.
    public void forget(String id) throws IOException {
        turns.remove(id);
        tools.kept().forget(id);
        BuildLog.remove(log(id));
    }

    private BuildOutcome.Built built(BuildRequest request, BuildProgress progress, BuildLog log) throws IOException {
        long start = System.nanoTime();
        BuildSandbox sandbox = new BuildSandbox(rooms.runtime(), pods.get(), request.limits(), rooms.bounds());
        Workshop workshop = new Workshop(tools, request, log, sandbox, progress);
        LocalImage image;
        try {
            image = new Build(workshop).run();
        } finally {
            close(workshop);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        if (workshop.layersMade() > 0) {
            log.write("built " + image.digest());
            LOG.infof(
                    "image built names=%s digest=%s layersMade=%d durationMs=%d",
                    request.names(), image.digest(), workshop.layersMade(), took.toMillis());
        }
        return new BuildOutcome.Built(image, workshop.layersMade(), took);
    }

    /// Also when the thread is interrupted: what runs has to be ended.
    private static void close(Workshop workshop) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            workshop.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String told(BuildLog log, String failure) {
        try {
            log.write(failure);
        } catch (IOException e) {
            LOG.warnf("log of a build could not be written file=%s reason=%s", log.file(), e.getMessage());
        }
        return failure;
    }
}
