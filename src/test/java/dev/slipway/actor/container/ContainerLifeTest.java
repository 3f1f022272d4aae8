package dev.slipway.actor.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages;
import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.pod.FakeImages;
import dev.slipway.actor.pod.PodFacts;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Controllers;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.RunParameters;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The life of Containers by events alone: controllers, store and garbage collection are real, the node is played.
class ContainerLifeTest {
    private static final WriteOptions ALICE = WriteOptions.by("alice");
    private static final ObjectKey KEY =
            new ObjectKey(new GroupResource("slipway.dev", "containers"), "default", "web");
    private static final ObjectKey POD = new ObjectKey(GroupResource.core("pods"), "default", "web");

    @TempDir
    private Path folder = Path.of("");

    private final FakeImages images = new FakeImages();
    private PlayedHost host;
    private ObjectStore store;
    private ObjectApi api;
    private Controllers controllers;

    @BeforeEach
    void start() throws Exception {
        PodFacts facts = (podUid, container) -> Optional.empty();
        host = new PlayedHost(
                folder,
                (objects, recorder, clock) ->
                        List.of(new ContainerController(objects, facts, images, recorder, clock)));
        store = host.store();
        api = host.api();
        controllers = host.controllers();
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    @Test
    void it_follows_its_desired_state_with_one_and_the_same_pod() throws Exception {
        container();
        awaitPhase("Running");
        String uid = podUid();

        desired("Paused");
        awaitPhase("Paused");
        desired("Running");
        awaitPhase("Running");
        desired("Stopped");
        awaitPhase("Stopped");

        assertEquals(7, get().orElseThrow().status().path("exitCode").asInt());
        assertEquals(get().orElseThrow().generation(), observed());
        desired("Running");
        awaitPhase("Running");
        assertEquals(uid, podUid());
    }

    @Test
    void another_spec_and_a_deleted_pod_make_another_pod() throws Exception {
        container();
        awaitPhase("Running");
        String first = podUid();

        patch("{spec: {args: [other]}}");
        await("another pod", () -> !List.of(first, "").contains(podUid()) && phase().equals("Running"));
        String second = podUid();
        api.delete(kind("v1", "Pod"), POD, Deletion.PLAIN);

        await("a third pod", () -> !List.of(first, second, "").contains(podUid()) && phase().equals("Running"));
        assertNotEquals(first, podUid());
    }

    @Test
    void the_old_pod_goes_on_until_the_image_of_the_next_one_is_here() throws Exception {
        container();
        awaitPhase("Running");
        String first = podUid();
        images.answer("other", new Answer.Failed("ErrImagePull", "no such host", Instant.EPOCH));

        patch("{spec: {image: other}}");

        awaitReconciling("True ErrImagePull no such host");
        assertTrue(Conditions.find(get().orElseThrow().status(), "ImageReady")
                .filter(ready -> ready.reason().equals("ErrImagePull"))
                .isPresent());
        assertEquals(
                new PodImages.Question(KEY, get().orElseThrow().uid(), "other", PullPolicy.ALWAYS, List.of()),
                images.questions().getLast());
        desired("Paused");
        awaitPhase("Paused");
        assertEquals(first, podUid(), "it follows the desired state meanwhile");
        desired("Running");
        awaitReconciling("True ErrImagePull no such host");
        images.answer("other", new Answer.Present(FakeImages.image("other", RunParameters.EMPTY), true));
        controllers.touch(KEY);
        await("another pod", () -> !List.of(first, "").contains(podUid()) && phase().equals("Running"));
    }

    @Test
    void the_old_pod_goes_on_until_the_volumes_of_the_next_one_are_ready() throws Exception {
        container();
        awaitPhase("Running");
        String first = podUid();

        patch("{spec: {volumes: [{name: v, volume: {name: data}}], volumeMounts: [{name: v, mountPath: /d}]}}");

        awaitReconciling("True DependencyNotReady Volume data does not exist");
        assertEquals(first, podUid());
        assertEquals("Running", phase());
    }

    /// The Volume waits for the pod: the pod must not wait for the Volume.
    @Test
    void a_pod_is_replaced_though_a_volume_that_it_uses_is_on_its_way_out() throws Exception {
        create("slipway.dev/v1alpha1", "Volume", "data", "spec: {type: Managed}");
        create("slipway.dev/v1alpha1", "Container", "web", """
                spec:
                  image: nginx
                  volumes: [{name: v, volume: {name: data}}]
                  volumeMounts: [{name: v, mountPath: /data}]
                """);
        awaitPhase("Running");
        String first = podUid();
        ObjectKey volume = new ObjectKey(new GroupResource("slipway.dev", "volumes"), "default", "data");

        api.delete(kind("slipway.dev/v1alpha1", "Volume"), volume, Deletion.PLAIN);
        assertTrue(store.get(volume).isPresent(), "it waits for the pod");
        patch("{spec: {args: [other]}}");

        await("another pod", () -> !List.of(first, "").contains(podUid()) && phase().equals("Running"));
    }

    @Test
    void delete_leaves_nothing_also_when_it_is_paused() throws Exception {
        container();
        desired("Paused");
        awaitPhase("Paused");

        api.delete(kind("slipway.dev/v1alpha1", "Container"), KEY, Deletion.PLAIN);

        await("nothing", () -> get().isEmpty() && store.get(POD).isEmpty());
    }

    @Test
    void delete_in_the_foreground_and_of_the_namespace_ends_too() throws Exception {
        create("v1", "Namespace", "other", "");
        ObjectKey elsewhere = new ObjectKey(KEY.resource(), "other", "web");
        api.create(
                kind("slipway.dev/v1alpha1", "Container"),
                "other",
                tree("{metadata: {name: web}, spec: {image: nginx}}"),
                ALICE);
        container();
        awaitPhase("Running");

        api.delete(
                kind("slipway.dev/v1alpha1", "Container"),
                KEY,
                new Deletion(Optional.empty(), "", "", Deletion.Propagation.FOREGROUND, false));
        ObjectKey other = new ObjectKey(GroupResource.core("namespaces"), "", "other");
        api.delete(kind("v1", "Namespace"), other, Deletion.PLAIN);

        await("nothing", () -> get().isEmpty() && store.get(POD).isEmpty());
        await(
                "no namespace",
                () -> store.get(other).isEmpty() && store.get(elsewhere).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"delete", "change"})
    void one_that_has_finished_stays_until_nothing_depends_on_it(String end) throws Exception {
        create(
                "slipway.dev/v1alpha1",
                "Container",
                "app",
                "spec: {image: nginx, dependsOn: [{name: web, condition: Complete}]}");
        finishedButHeldBack();
        ObjectKey app = new ObjectKey(KEY.resource(), "default", "app");
        Kind kind = kind("slipway.dev/v1alpha1", "Container");

        if (end.equals("delete")) {
            api.delete(kind, app, Deletion.PLAIN);
        } else {
            api.patch(kind, app, new Patch.Merge(tree("{spec: {dependsOn: []}}")), ALICE);
        }

        await("its end", () -> get().isEmpty());
    }

    @Test
    void a_pod_that_depends_on_one_that_has_finished_keeps_it_until_it_is_over() throws Exception {
        Kind kind = kind("v1", "Pod");
        for (String command : List.of("end", "run")) {
            api.create(kind, "default", tree("""
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s, annotations: {slipway.dev/depends-on: web=Complete}}
                    spec: {containers: [{name: main, image: nginx, command: [%s]}]}
                    """.formatted(command, command)), ALICE);
        }
        finishedButHeldBack();

        api.delete(kind, new ObjectKey(POD.resource(), "default", "run"), Deletion.PLAIN);

        await("its end", () -> get().isEmpty());
    }

    private void finishedButHeldBack() throws Exception {
        create(
                "slipway.dev/v1alpha1",
                "Container",
                "web",
                "spec: {image: nginx, restartPolicy: Never, command: [end], ttlAfterFinished: 0s}");
        awaitPhase("Exited");
        patch("{metadata: {labels: {looked: again}}}");
        await("its pod", () -> store.get(POD).orElseThrow().labels().containsKey("looked"));
        assertTrue(get().orElseThrow().deletionTimestamp().isEmpty());
    }

    @Test
    void it_may_be_started_again_as_often_as_can_be_said() throws Exception {
        create("slipway.dev/v1alpha1", "Container", "web", "spec: {image: nginx, maxRestarts: 2147483647}");

        awaitPhase("Running");
    }

    @Test
    void nothing_is_written_when_all_is_as_declared() throws Exception {
        container();
        awaitPhase("Running");
        await(
                "the event",
                () -> !store.list(GroupResource.core("events"), "").items().isEmpty());
        long version = store.resourceVersion();

        controllers.touch(KEY);
        controllers.touch(POD);
        // Waits for the rounds.
        controllers.close();

        assertEquals(version, store.resourceVersion());
    }

    private void container() throws Exception {
        create("slipway.dev/v1alpha1", "Container", "web", "spec: {image: nginx}");
    }

    private void desired(String state) throws Exception {
        patch("{spec: {desiredState: %s}}".formatted(state));
    }

    private void patch(String changes) throws Exception {
        api.patch(kind("slipway.dev/v1alpha1", "Container"), KEY, new Patch.Merge(tree(changes)), ALICE);
    }

    private void create(String apiVersion, String kind, String name, String body) throws Exception {
        ObjectNode object =
                tree("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s".formatted(apiVersion, kind, name, body));
        api.create(kind(apiVersion, kind), "default", object, ALICE);
    }

    private Kind kind(String apiVersion, String kind) {
        return api.kinds().find(apiVersion, kind).orElseThrow();
    }

    private Optional<ApiObject> get() {
        return store.get(KEY);
    }

    private String phase() {
        return get().map(found -> found.status().path("phase").asText()).orElse("");
    }

    private long observed() {
        return get().orElseThrow().status().path("observedGeneration").asLong();
    }

    private String podUid() {
        return store.get(POD).map(ApiObject::uid).orElse("");
    }

    private void awaitReconciling(String words) {
        await(words, () -> Conditions.find(get().orElseThrow().status(), "Reconciling")
                .filter(found -> words.equals(found.status() + " " + found.reason() + " " + found.message()))
                .isPresent());
    }

    private void awaitPhase(String phase) {
        await("phase " + phase, () -> phase().equals(phase));
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited for " + what + ": " + get());
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static ObjectNode tree(String yaml) throws Exception {
        return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
    }
}
