package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.actor.registry.RegistryServers;
import dev.slipway.actor.space.CollectionSettings;
import dev.slipway.actor.space.ImageCollector;
import dev.slipway.actor.space.SpacePruning;
import dev.slipway.actor.space.SpaceReport;
import dev.slipway.actor.space.SpaceSurvey;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.Controllers;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.build.ImageBuilder;
import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.DiskLayerTrees;
import dev.slipway.engine.image.HostImages;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.Patience;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.runtime.FakeRuntime;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.volume.ManagedVolumes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The room on real stores, with its controllers running. Pods are played by the test: nobody runs them.
final class ImageRig implements AutoCloseable {
    private static final WriteOptions USER = WriteOptions.by("user");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Path root;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final TimerDelays delays = new TimerDelays();
    private final Options options;
    private final RegistryClient registry;
    final SqliteObjectStore store;
    final ObjectApi objects;
    final DirectoryContentStore content;
    final Snapshots snapshots;
    final Repositories repositories;
    final HostImages images;
    private final ContainerRuntime runtime;
    /// What was given a round.
    final Set<ObjectKey> touched = ConcurrentHashMap.newKeySet();
    /// How full the disk is, as the room is told.
    volatile FileSystemSpace space = new FileSystemSpace(1000, 900);
    /// How far the clock of the room is ahead.
    volatile Duration ahead = Duration.ZERO;
    CollectionSettings collection = new CollectionSettings(85, 80, Duration.ofMinutes(2), Duration.ofDays(30));
    private @Nullable ImageBuilder builder;
    private @Nullable ImageActor actor;
    private @Nullable Controllers controllers;

    /// How patient the room is, and what it takes.
    record Options(Patience patience, Backoff backoff, ImageArchives.Limits limits) {
        static final Options STANDARD = new Options(
                new Patience(
                        Duration.ofSeconds(5), Duration.ofSeconds(5), 1, Duration.ofMillis(5), Duration.ofSeconds(1)),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1), () -> 0),
                ImageArchives.Limits.STANDARD);
    }

    ImageRig(Path root) throws Exception {
        this(root, Options.STANDARD);
    }

    ImageRig(Path root, Options options) throws Exception {
        this(
                root,
                options,
                new FakeRuntime(Instant.EPOCH),
                new Snapshots(root.resolve("snapshots"), ForkJoinPool.commonPool()));
    }

    /// @param runtime runs the programs of builds
    /// @param snapshots where that has its layers
    ImageRig(Path root, ContainerRuntime runtime, Snapshots snapshots) throws Exception {
        this(root, Options.STANDARD, runtime, snapshots);
    }

    private ImageRig(Path root, Options options, ContainerRuntime runtime, Snapshots snapshots) throws Exception {
        this.options = options;
        this.registry = new RegistryClient(
                RegistrySettings.STANDARD, options.patience(), options.limits().documents());
        this.runtime = runtime;
        this.snapshots = snapshots;
        this.root = root;
        store = SqliteObjectStore.open(Files.createDirectory(root.resolve("objects")));
        objects = new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString());
        content = new DirectoryContentStore(root.resolve("content"), InstantSource.system());
        content.start();
        repositories =
                new Repositories(root.resolve("repositories"), content, InstantSource.system(), InstantSource.system());
        repositories.start();
        snapshots.open();
        images = new HostImages(
                root.resolve("content/index.json"),
                new HostImages.Stores(content, trees(), repositories),
                registry,
                threads);
        images.start();
        apply("{apiVersion: v1, kind: Namespace, metadata: {name: default}}");
        start();
    }

    private DiskLayerTrees trees() {
        return new DiskLayerTrees(snapshots, options.limits().layers(), threads);
    }

    /// Every file that images have on the disk, with its size and what tells it from another of the same name.
    Map<Path, String> disk() throws IOException {
        Map<Path, String> found = new TreeMap<>();
        for (String room : List.of("content", "repositories", "snapshots", "builds")) {
            if (Files.exists(root.resolve(room))) {
                try (Stream<Path> files = Files.walk(root.resolve(room))) {
                    for (Path file : files.toList()) {
                        found.put(
                                root.relativize(file),
                                Files.getAttribute(file, "unix:size", LinkOption.NOFOLLOW_LINKS)
                                        + " bytes, inode "
                                        + Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS));
                    }
                }
            }
        }
        return found;
    }

    /// Starts the room, as the engine does.
    void start() {
        Schedule schedule = new Schedule(() -> Instant.now().plus(ahead), delays, workers);
        builder = new ImageBuilder(
                root.resolve("builds"),
                new ImageBuilder.Rooms(
                        images, content, snapshots, runtime, LayerLimits.STANDARD, ImageBuilder.Bounds.NONE),
                schedule.clock(),
                () -> new PodUid(UUID.randomUUID().toString()));
        EventRecorder events = new EventRecorder(store, new EventSource("slipway", "here"), schedule);
        actor = new ImageActor(
                new ImageActor.Parts(
                        objects,
                        events,
                        schedule,
                        images,
                        new ImagePusher(new ImagePusher.Sources(images, content, repositories), registry, workers),
                        builder,
                        new ImageArchives(
                                new ImageArchives.Rooms(images, content, trees(), snapshots), options.limits()),
                        registry,
                        repositories,
                        RegistryServers.NONE,
                        new ImageActor.Collection(collection, () -> space, Duration.ofHours(1))),
                this::touch,
                options.backoff());
        controllers = new Controllers(store, schedule, actor.controllers());
        controllers.start();
        actor.start();
    }

    /// What makes images go.
    ImageCollector collector() {
        if (actor == null) {
            throw new IllegalStateException("not started");
        }
        return actor.collector();
    }

    /// Pods and Volumes have no controller here.
    private void touch(ObjectKey key) {
        touched.add(key);
        Controllers running = controllers;
        if (running != null && key.namespace().isEmpty()) {
            running.touch(key);
        }
    }

    /// What takes space, below the root of this rig.
    SpaceReport spaceReport() throws IOException {
        ManagedVolumes volumes = new ManagedVolumes(root.resolve("volumes"));
        volumes.open();
        SpaceSurvey.Rooms rooms = new SpaceSurvey.Rooms(
                store, images, content, snapshots, repositories, Objects.requireNonNull(builder), volumes, volumes);
        return new SpaceSurvey(rooms, collector(), root).report();
    }

    SpacePruning pruning() {
        ImageActor room = Objects.requireNonNull(actor);
        return new SpacePruning(objects, collector(), room.leftovers(), room.repositories());
    }

    void stop() {
        if (controllers != null) {
            controllers.close();
        }
        if (actor != null) {
            actor.close();
        }
    }

    void apply(String yaml) throws Exception {
        for (var document : YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))) {
            ObjectNode object = (ObjectNode) document.tree();
            Kind kind = kind(object);
            String namespace = object.path("metadata").path("namespace").asText("default");
            ObjectKey key = Kinds.key(
                    kind, namespace, object.path("metadata").path("name").asText());
            objects.patch(kind, key, new Patch.Apply(object), WriteOptions.by("user"));
        }
    }

    private Kind kind(ObjectNode object) {
        return objects.kinds()
                .find(object.path("apiVersion").asText(), object.path("kind").asText())
                .orElseThrow();
    }

    void delete(String path) throws Exception {
        ObjectKey key = key(path);
        objects.delete(objects.kinds().find(key.resource()).orElseThrow(), key, Deletion.PLAIN);
    }

    /// Shows in a pod's status what its container runs from.
    void runs(String pod, Digest image) throws Exception {
        ApiObject object = get("pods/" + pod).orElseThrow();
        ObjectNode changed = object.copyTree();
        changed.withObject("/status")
                .withArray("/containerStatuses")
                .addObject()
                .put("name", "main")
                .put("imageID", image.value());
        objects.update(kind(changed), key("pods/" + pod), changed, WriteOptions.ownStatus());
    }

    /// Puts more into the status of an object, as its controller would.
    void status(String path, String yaml) throws Exception {
        ObjectNode changed = get(path).orElseThrow().copyTree();
        changed.withObject("/status").setAll((ObjectNode) ObjectCodec.yaml().readTree(yaml));
        objects.update(kind(changed), key(path), changed, WriteOptions.ownStatus());
    }

    /// What the pod gets to know of the image of its first container.
    Answer ask(String pod, PullPolicy policy, String... secrets) {
        ApiObject object = get("pods/" + pod).orElseThrow();
        String image = object.spec().at("/containers/0/image").asText();
        return room().ask(new Question(key("pods/" + pod), object.uid(), image, policy, List.of(secrets)));
    }

    PodImages room() {
        if (actor == null) {
            throw new IllegalStateException("not started");
        }
        return actor.podImages();
    }

    /// @param path `images/toolbox`, `pods/web`
    Optional<ApiObject> get(String path) {
        return store.get(key(path));
    }

    static ObjectKey key(String path) {
        String plural = path.substring(0, path.indexOf('/'));
        String name = path.substring(path.indexOf('/') + 1);
        return switch (plural) {
            case "images", "tags", "registries" -> new ObjectKey(new GroupResource("slipway.dev", plural), "", name);
            case "volumes", "containers" -> new ObjectKey(new GroupResource("slipway.dev", plural), "default", name);
            case "namespaces" -> new ObjectKey(GroupResource.core(plural), "", name);
            default -> new ObjectKey(GroupResource.core(plural), "default", name);
        };
    }

    String field(String path, String pointer) {
        return get(path).map(object -> object.tree().at(pointer).asText()).orElse("<gone>");
    }

    /// `True Succeeded `, as status, reason and message.
    String condition(String path, String type) {
        for (var condition :
                get(path).map(object -> object.status().path("conditions")).orElseThrow()) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText() + " "
                        + condition.path("message").asText();
            }
        }
        return "<none>";
    }

    Digest ready(String path) {
        await(path + " to be ready", () -> get(path).filter(ImageRig::isReady).isPresent());
        return new Digest(field(path, "/status/digest"));
    }

    /// By one version of it: of two, the first may be of the spec before.
    private static boolean isReady(ApiObject object) {
        return Conditions.isTrue(object.status(), "Ready")
                && object.status().path("observedGeneration").asLong() == object.generation();
    }

    /// Reasons of the events about an object, sorted.
    List<String> events(String name) {
        return store.list(GroupResource.core("events"), "").items().stream()
                .filter(event ->
                        event.tree().at("/involvedObject/name").asText().equals(name))
                .map(event -> event.tree().path("reason").asText() + ": "
                        + event.tree().path("message").asText())
                .sorted()
                .toList();
    }

    void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "waited in vain for " + what + "\n" + dump());
            LockSupport.parkNanos(2_000_000);
        }
    }

    private String dump() {
        StringBuilder all = new StringBuilder();
        for (String plural : List.of("images", "tags", "registries")) {
            store.list(new GroupResource("slipway.dev", plural), "").items().forEach(object -> all.append(plural)
                    .append('/')
                    .append(object.name())
                    .append(' ')
                    .append(object.status())
                    .append('\n'));
        }
        return all.toString();
    }

    @Override
    public void close() throws IOException {
        stop();
        delays.close();
        workers.shutdownNow();
        registry.close();
        threads.shutdownNow();
        store.close();
        TreeRemoval.remove(root);
    }
}
