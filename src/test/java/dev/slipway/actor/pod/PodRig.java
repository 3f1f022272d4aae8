package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.probe.Care;
import dev.slipway.actor.probe.FakeChecker;
import dev.slipway.actor.resolve.Host;
import dev.slipway.actor.storage.StorageWatch;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.FakeRuntime;
import dev.slipway.engine.runtime.PodState;
import dev.slipway.engine.runtime.SandboxOutcome;
import dev.slipway.engine.runtime.SandboxRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Pods with a real store and a runtime without a kernel. Rounds run when a test asks for them, one after the
/// other.
final class PodRig implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2026-01-31T08:00:00Z");
    private static final int MOST_ROUNDS = 20;

    final FakeRuntime runtime = new FakeRuntime(BEGIN);
    final FakeImages images = new FakeImages();
    final FakeChecker checker = new FakeChecker();
    private final FakeDelays delays = new FakeDelays();
    final ObjectStore store;
    final ObjectApi api;
    private final AtomicInteger uids = new AtomicInteger();
    private final EventRecorder recorder;
    private final Set<ObjectKey> touched = new LinkedHashSet<>();
    private Care care;
    private StorageWatch storage;
    private PodActor actor;
    private Result last = Result.SETTLED;

    PodRig(Path folder) throws IOException, InterruptedException, ApiException {
        store = SqliteObjectStore.open(folder.resolve("objects"));
        runtime.keepLogsIn(folder.resolve("logs"));
        Kinds kinds = Catalog.kinds();
        api = new ObjectApi(store, kinds, runtime.clock(), () -> "uid-" + uids.incrementAndGet());
        recorder = new EventRecorder(
                store,
                new EventSource("slipway", "host-a"),
                new Schedule(runtime.clock(), new FakeDelays(), Runnable::run));
        create("{apiVersion: v1, kind: Namespace, metadata: {name: default}}");
        actor = started();
    }

    /// Another engine takes over: what the first one had in memory is gone.
    void restartEngine() throws IOException, InterruptedException {
        actor = started();
    }

    private PodActor started() throws IOException, InterruptedException {
        if (care != null) {
            care.close();
            storage.close();
        }
        Schedule schedule = new Schedule(runtime.clock(), delays, Runnable::run);
        care = Care.of(checker, runtime, recorder, schedule, new Random(1));
        storage = new StorageWatch(runtime, schedule, StorageWatch.Pace.STANDARD);
        PodActor begun = new PodActor(
                new PodActor.Parts(runtime, images, api, care, storage, recorder),
                new Host("host-a", "192.0.2.1", 4000, 8L << 30, 100L << 30),
                schedule);
        begun.start(touched::add);
        return begun;
    }

    void watchSandboxes(Consumer<SandboxRequest> watcher) {
        runtime.behaveSandboxes(request -> {
            watcher.accept(request);
            return new SandboxOutcome.Ready(new PodState.Sandbox("10.88.0.2"));
        });
    }

    /// Whom a change of an object concerns.
    Collection<ObjectKey> concerned(ApiObject changed) {
        return actor.controller().concerned(changed);
    }

    PodActor actor() {
        return actor;
    }

    /// @param yaml a whole manifest
    ApiObject create(String yaml) throws ApiException {
        ObjectNode tree = read(yaml);
        Kind kind = api.kinds()
                .find(tree.path("apiVersion").asText(), tree.path("kind").asText())
                .orElseThrow();
        return api.create(kind, "default", tree, WriteOptions.by("test")).object();
    }

    /// A pod `web` with these fields in its spec; its first container is `main`.
    ApiObject pod(String spec) throws ApiException {
        return create("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n" + spec.indent(2));
    }

    void patch(String merge) throws ApiException {
        patch(podKey(), merge);
    }

    /// Adds an ephemeral container.
    void debug(String container) throws ApiException {
        api.patch(
                api.kinds().find(PodWriter.PODS).orElseThrow(),
                podKey(),
                new Patch.Strategic(read("{spec: {ephemeralContainers: [%s]}}".formatted(container))),
                new WriteOptions("test", "", WriteOptions.FieldValidation.STRICT, false, false, "ephemeralcontainers"));
    }

    void patch(ObjectKey key, String merge) throws ApiException {
        api.patch(
                api.kinds().find(key.resource()).orElseThrow(),
                key,
                new Patch.Merge(read(merge)),
                WriteOptions.by("test"));
    }

    void delete(Deletion deletion) throws ApiException {
        api.delete(api.kinds().find(PodWriter.PODS).orElseThrow(), podKey(), deletion);
    }

    /// Rounds of the pod until nothing changes any more.
    Result settle() throws InterruptedException {
        touched.add(podKey());
        for (int i = 0; i < MOST_ROUNDS; i++) {
            long before = version();
            touched.clear();
            last = actor.controller().reconcile(podKey());
            if (version() == before && touched.isEmpty()) {
                return last;
            }
        }
        throw new AssertionError("the pod does not come to rest");
    }

    /// One round and no more.
    Result round() throws InterruptedException {
        last = actor.controller().reconcile(podKey());
        return last;
    }

    void advance(Duration time) throws InterruptedException {
        runtime.advance(time);
        delays.advance(time);
        settle();
    }

    /// Lets time pass second by second, so that everything happens in its turn.
    void pass(int seconds) throws InterruptedException {
        for (int i = 0; i < seconds; i++) {
            advance(Duration.ofSeconds(1));
        }
    }

    void exit(String container, int code) throws InterruptedException {
        runtime.exit(name(container), code);
        settle();
    }

    ContainerName name(String container) {
        return new ContainerName(new PodUid(stored().uid()), container);
    }

    ApiObject stored() {
        return find().orElseThrow();
    }

    Optional<ApiObject> find() {
        return store.get(podKey());
    }

    /// A field of the pod's status, by JSON pointer.
    String status(String pointer) {
        return stored().status().at(pointer).asText();
    }

    String state(String container) {
        for (String list : List.of("initContainerStatuses", "containerStatuses")) {
            for (JsonNode status : stored().status().path(list)) {
                if (status.path("name").asText().equals(container)) {
                    return status.path("state").toString();
                }
            }
        }
        return "";
    }

    /// Events as `<type> <reason>: <message>`, in order of their first occurrence.
    List<String> events() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .sorted((one, two) -> Long.compare(created(one), created(two)))
                .map(event -> "%s %s: %s"
                        .formatted(
                                event.tree().path("type").asText(),
                                event.tree().path("reason").asText(),
                                event.tree().path("message").asText()))
                .toList();
    }

    /// How often an event with this reason was told, in all.
    int eventCount(String reason) {
        return store.list(GroupResource.core("events"), "").items().stream()
                .filter(event -> event.tree().path("reason").asText().equals(reason))
                .mapToInt(event -> Math.max(1, event.tree().path("count").asInt()))
                .sum();
    }

    void assertEvent(String event) {
        assertTrue(events().contains(event), event + " is not in " + String.join("\n", events()));
    }

    /// As its own controller does.
    void makeVolumeReady(String name) throws ApiException {
        ObjectKey key = new ObjectKey(PodWriter.VOLUMES, "default", name);
        var tree = store.get(key).orElseThrow().copyTree();
        Conditions.set(tree.withObject("/status"), Condition.yes("Ready", Reason.SUCCEEDED, ""), 1, BEGIN);
        api.update(api.kinds().find(PodWriter.VOLUMES).orElseThrow(), key, tree, WriteOptions.ownStatus());
    }

    static ObjectKey podKey() {
        return new ObjectKey(PodWriter.PODS, "default", "web");
    }

    /// Of anything but events.
    private long version() {
        return store.list(PodWriter.PODS, "").items().stream()
                        .mapToLong(ApiObject::resourceVersion)
                        .sum()
                + store.list(PodWriter.VOLUMES, "").items().stream()
                        .mapToLong(ApiObject::resourceVersion)
                        .sum();
    }

    private static long created(ApiObject event) {
        return event.resourceVersion();
    }

    private static ObjectNode read(String yaml) {
        try {
            return (ObjectNode) YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                    .getFirst()
                    .tree();
        } catch (MalformedYamlException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        try {
            recorder.close();
            store.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
