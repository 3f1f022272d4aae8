package dev.slipway.actor.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.pod.FakeImages;
import dev.slipway.actor.pod.PodFacts;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rounds of the controller on a real store; the node is played by the test.
class ContainerControllerTest {
    private static final WriteOptions ALICE = WriteOptions.by("alice");
    private static final ObjectKey KEY =
            new ObjectKey(new GroupResource("slipway.dev", "containers"), "default", "web");
    private static final ObjectKey POD = new ObjectKey(GroupResource.core("pods"), "default", "web");
    private static final String DIGEST = "sha256:" + "a".repeat(64);

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;
    private ContainerController controller;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString());
        Schedule schedule = new Schedule(InstantSource.system(), new FakeDelays(), Runnable::run);
        PodFacts facts = (podUid, container) -> Optional.empty();
        controller = new ContainerController(
                api,
                facts,
                new FakeImages(),
                new EventRecorder(store, new EventSource("test", "here"), schedule),
                schedule.clock());
        create("v1", "Namespace", "default", "");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void a_container_gets_a_pod_that_it_controls() throws Exception {
        container("spec: {image: nginx}");

        assertEquals(Result.SETTLED, round());

        ApiObject pod = pod().orElseThrow();
        assertEquals(
                "Container", pod.tree().at("/metadata/ownerReferences/0/kind").asText());
        assertEquals("Creating", phase());
        assertEquals(List.of("SuccessfulCreate"), events());
    }

    @Test
    void a_round_that_finds_nothing_to_do_writes_nothing() throws Exception {
        container("spec: {image: nginx}");
        round();
        long version = store.resourceVersion();

        assertEquals(Result.SETTLED, round());

        assertEquals(version, store.resourceVersion());
    }

    @Test
    void desired_state_and_labels_are_patched_and_keep_the_pod() throws Exception {
        container("spec: {image: nginx}");
        round();
        String uid = pod().orElseThrow().uid();

        merge("{spec: {desiredState: Paused}, metadata: {labels: {app: web}}}");
        round();

        ApiObject pod = pod().orElseThrow();
        assertEquals(uid, pod.uid());
        assertEquals("Paused", pod.annotations().get("slipway.dev/desired-state"));
        assertEquals("web", pod.labels().get("app"));
    }

    @Test
    void another_spec_makes_another_pod_when_the_first_has_ended() throws Exception {
        container("spec: {image: nginx}");
        round();
        ApiObject first = pod().orElseThrow();

        merge("{spec: {args: [other]}}");
        round();
        assertTrue(pod().orElseThrow().deletionTimestamp().isPresent(), "it is asked to end with its grace");
        assertEquals("Stopping", phase());
        round();
        assertEquals(first.uid(), pod().orElseThrow().uid(), "it is waited for");
        api.remove(POD, first.uid());
        round();

        ApiObject second = pod().orElseThrow();
        assertNotEquals(first.uid(), second.uid());
        assertEquals("other", second.spec().at("/containers/0/args/0").asText());
    }

    @Test
    void a_container_that_has_finished_runs_again_in_its_pod_after_stop_and_start() throws Exception {
        container("spec: {image: nginx, restartPolicy: Never}");
        round();
        api.report(kind("v1", "Pod"), pod().orElseThrow(), tree("{phase: Succeeded}"));
        round();
        assertEquals("Exited", phase());
        merge("{spec: {desiredState: Stopped}}");
        round();
        assertEquals("Stopped", phase());
        merge("{spec: {desiredState: Running}}");
        round();
        String state = "slipway.dev/desired-state";
        assertEquals("Stopped", pod().orElseThrow().annotations().get(state), "it has not noticed yet");
        api.report(kind("v1", "Pod"), pod().orElseThrow(), tree("{phase: Pending}"));
        round();
        assertEquals("Running", pod().orElseThrow().annotations().get(state), "its layer is kept");
    }

    @Test
    void a_container_that_has_finished_goes_when_its_time_is_over() throws Exception {
        container("spec: {image: nginx, restartPolicy: Never, ttlAfterFinished: 999999h}");
        round();
        String end =
                "{phase: Failed, containerStatuses: [{state: {terminated: {finishedAt: '2026-01-31T08:00:00Z'}}}]}";
        api.report(kind("v1", "Pod"), pod().orElseThrow(), tree(end));
        assertInstanceOf(Result.Again.class, round());

        merge("{spec: {ttlAfterFinished: 1h}}");
        round();

        assertTrue(get().deletionTimestamp().isPresent());
    }

    @Test
    void a_pod_that_somebody_deletes_comes_back() throws Exception {
        container("spec: {image: nginx}");
        round();
        String uid = pod().orElseThrow().uid();

        api.delete(kind("v1", "Pod"), POD, Deletion.PLAIN);
        round();
        api.remove(POD, uid);
        round();

        assertNotEquals(uid, pod().orElseThrow().uid());
    }

    @Test
    void a_pod_of_somebody_else_blocks_until_it_is_gone() throws Exception {
        create("v1", "Pod", "web", "spec: {containers: [{name: c, image: nginx}]}");
        String uid = pod().orElseThrow().uid();
        container("spec: {image: nginx}");

        assertInstanceOf(Result.Stalled.class, round());
        round();

        assertEquals("True", condition("Stalled"));
        assertEquals(List.of("Conflict"), events());
        assertEquals("", get().status().at("/podRef/name").asText(), "a foreign pod is not shown as its own");
        assertTrue(controller.concerned(pod().orElseThrow()).contains(KEY));
        api.delete(kind("v1", "Pod"), POD, Deletion.PLAIN);
        api.remove(POD, uid);
        assertEquals(Result.SETTLED, round());
        assertEquals("False", condition("Stalled"));
    }

    @Test
    void an_image_object_is_waited_for_and_pinned_and_rolls() throws Exception {
        container("spec: {imageFrom: {kind: Image, name: base}}");
        round();
        assertEquals(Optional.empty(), pod());
        assertEquals("False", condition("ImageReady"));
        assertEquals("DependencyNotReady", get().status().path("reason").asText());

        ApiObject image = create("slipway.dev/v1alpha1", "Image", "base", "spec: {source: {build: {from: scratch}}}");
        assertTrue(controller.concerned(image).contains(KEY));
        imageReady(DIGEST);
        round();
        ApiObject first = pod().orElseThrow();
        assertEquals("base@" + DIGEST, first.spec().at("/containers/0/image").asText());
        assertEquals("Never", first.spec().at("/containers/0/imagePullPolicy").asText());

        imageReady("sha256:" + "b".repeat(64));
        round();
        assertTrue(pod().orElseThrow().deletionTimestamp().isPresent(), "it rolls when the digest changes");
    }

    @Test
    void a_pod_stays_while_its_image_is_rebuilt_and_still_follows_the_desired_state() throws Exception {
        create("slipway.dev/v1alpha1", "Image", "base", "spec: {source: {build: {from: scratch}}}");
        imageReady(DIGEST);
        container("spec: {imageFrom: {kind: Image, name: base}}");
        round();
        String uid = pod().orElseThrow().uid();

        ObjectKey image = new ObjectKey(ContainerImage.IMAGES, "", "base");
        api.patch(
                kind("slipway.dev/v1alpha1", "Image"),
                image,
                new Patch.Merge(tree("{spec: {source: {build: {steps: [{config: {user: ada}}]}}}}")),
                ALICE);
        merge("{spec: {desiredState: Stopped, args: [changed]}}");
        round();

        ApiObject pod = pod().orElseThrow();
        assertEquals(uid, pod.uid());
        assertTrue(pod.deletionTimestamp().isEmpty());
        assertEquals("Stopped", pod.annotations().get("slipway.dev/desired-state"));
        assertEquals("False", condition("ImageReady"));
    }

    @Test
    void containers_that_wait_for_each_other_are_stalled_and_named() throws Exception {
        container("spec: {image: nginx, dependsOn: [{name: db}]}");
        ApiObject db = create("slipway.dev/v1alpha1", "Container", "db", "spec: {image: a, dependsOn: [{name: web}]}");
        round();
        api.report(
                kind("v1", "Pod"),
                pod().orElseThrow(),
                tree("{containerStatuses: [{name: main, state: {waiting: {reason: DependencyNotReady}}}]}"));

        assertTrue(controller.concerned(db).contains(KEY));
        assertEquals(
                new Result.Stalled("DependencyCycle", "Containers wait for each other: web -> db -> web"), round());
        assertEquals("True", condition("Stalled"));

        ObjectNode free = db.copyTree();
        free.withObject("/spec").remove("dependsOn");
        api.update(
                kind("slipway.dev/v1alpha1", "Container"), new ObjectKey(KEY.resource(), "default", "db"), free, ALICE);
        round();
        assertEquals("False", condition("Stalled"), "the circle is open");
    }

    @Test
    void a_container_that_gets_no_users_of_its_own_says_why() throws Exception {
        container("spec: {image: nginx, hostNetwork: true}");
        round();
        assertEquals("False", condition("UserNamespace"));

        merge("{spec: {userNamespace: {mode: Host}}}");
        round();
        assertEquals("", condition("UserNamespace"), "it is meant");
    }

    @ParameterizedTest
    @ValueSource(strings = {"volume: {name: data}", "persistentVolumeClaim: {claimName: data}"})
    void a_volume_that_is_missing_is_named(String source) throws Exception {
        container("""
                spec:
                  image: nginx
                  volumes: [{name: v, %s}]
                  volumeMounts: [{name: v, mountPath: /data}]
                """.formatted(source));
        round();
        assertEquals("False", condition("VolumesReady"));

        ApiObject volume = create("slipway.dev/v1alpha1", "Volume", "data", "spec: {type: Managed}");

        assertTrue(controller.concerned(volume).contains(KEY));
        round();
        assertEquals("False", condition("VolumesReady"), "it is not ready yet");
        api.report(
                kind("slipway.dev/v1alpha1", "Volume"),
                volume,
                tree("{conditions: [{type: Ready, status: 'True', reason: Succeeded, message: ''}]}"));
        round();
        assertEquals("True", condition("VolumesReady"));
    }

    @Test
    void delete_ends_the_pod_first_and_leaves_nothing() throws Exception {
        container("spec: {image: nginx, desiredState: Paused}");
        round();
        String uid = pod().orElseThrow().uid();

        api.delete(kind("slipway.dev/v1alpha1", "Container"), KEY, Deletion.PLAIN);
        round();
        assertTrue(pod().orElseThrow().deletionTimestamp().isPresent());
        assertEquals("Stopping", phase());
        round();
        assertTrue(store.get(KEY).isPresent(), "it waits for its pod");
        api.remove(POD, uid);
        round();

        assertEquals(Optional.empty(), store.get(KEY));
        assertEquals(Result.SETTLED, round());
    }

    @Test
    void a_pod_of_somebody_else_outlives_the_container_of_its_name() throws Exception {
        create("v1", "Pod", "web", "spec: {containers: [{name: c, image: nginx}]}");
        container("spec: {image: nginx}");
        round();

        api.delete(kind("slipway.dev/v1alpha1", "Container"), KEY, Deletion.PLAIN);
        round();

        assertEquals(Optional.empty(), store.get(KEY));
        assertTrue(pod().orElseThrow().deletionTimestamp().isEmpty());
    }

    private Result round() {
        return controller.reconcile(KEY);
    }

    private void container(String spec) throws Exception {
        create("slipway.dev/v1alpha1", "Container", "web", spec);
    }

    private void merge(String changes) throws Exception {
        api.patch(kind("slipway.dev/v1alpha1", "Container"), KEY, new Patch.Merge(tree(changes)), ALICE);
    }

    private void imageReady(String digest) throws Exception {
        ApiObject image =
                store.get(new ObjectKey(ContainerImage.IMAGES, "", "base")).orElseThrow();
        api.report(
                kind("slipway.dev/v1alpha1", "Image"),
                image,
                tree("{observedGeneration: %d, digest: '%s', conditions: [{type: Ready, status: 'True'}]}"
                        .formatted(image.generation(), digest)));
    }

    private ApiObject create(String apiVersion, String kind, String name, String body) throws Exception {
        ObjectNode object =
                tree("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s".formatted(apiVersion, kind, name, body));
        return api.create(kind(apiVersion, kind), "default", object, ALICE).object();
    }

    private Kind kind(String apiVersion, String kind) {
        return api.kinds().find(apiVersion, kind).orElseThrow();
    }

    private ApiObject get() {
        return store.get(KEY).orElseThrow();
    }

    private Optional<ApiObject> pod() {
        return store.get(POD);
    }

    private String phase() {
        return get().status().path("phase").asText();
    }

    private String condition(String type) {
        for (var condition : get().status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText();
            }
        }
        return "";
    }

    private List<String> events() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("reason").asText())
                .toList();
    }

    private static ObjectNode tree(String yaml) throws Exception {
        return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
    }
}
