package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.TagConsumers;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;

/// The controllers of workloads on a real store, with a clock that the test moves and a node that it plays.
final class WorkloadLab implements AutoCloseable {
    static final ObjectKey WEB = deployment("web");
    static final ObjectKey TAG = new ObjectKey(new GroupResource("slipway.dev", "tags"), "", "shop");

    private static final WriteOptions ALICE = WriteOptions.by("alice");
    private static final int MOST_ROUNDS = 200;

    private final ObjectStore store;
    private final ObjectApi api;
    private final ReplicaSetController sets;
    private final DeploymentController deployments;
    private Instant now = Instant.parse("2026-01-31T08:00:00Z");

    WorkloadLab(Path folder) throws IOException, ApiException {
        store = SqliteObjectStore.open(folder);
        InstantSource clock = () -> now;
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        Schedule schedule = new Schedule(clock, new FakeDelays(), Runnable::run);
        EventRecorder recorder = new EventRecorder(store, new EventSource("test", "here"), schedule);
        sets = new ReplicaSetController(api, recorder, clock);
        deployments = new DeploymentController(api, recorder, clock);
        create("{apiVersion: v1, kind: Namespace, metadata: {name: default}}");
    }

    static ObjectKey deployment(String name) {
        return new ObjectKey(new GroupResource("apps", "deployments"), "default", name);
    }

    static ObjectKey set(String name) {
        return new ObjectKey(Workloads.REPLICA_SETS, "default", name);
    }

    static ObjectKey pod(String name) {
        return new ObjectKey(Workloads.PODS, "default", name);
    }

    ApiObject create(String yaml) throws ApiException {
        ObjectNode object = tree(yaml);
        Kind kind = api.kinds()
                .find(object.path("apiVersion").asText(), object.path("kind").asText())
                .orElseThrow();
        return api.create(kind, "default", object, ALICE).object();
    }

    /// A Deployment `web` whose pods run `image`.
    void web(int replicas, String image, String more) throws ApiException {
        create("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: web}}
                  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: %s}]}}
                """.formatted(replicas, image) + more);
    }

    /// A Tag of the name `acme/shop:1` that points at no image yet.
    void tag(String more) throws ApiException {
        create("{apiVersion: slipway.dev/v1alpha1, kind: Tag, metadata: {name: shop}, spec: {repository: acme/shop,"
                + " tag: '1', target: {image: {name: shop}}%s}}".formatted(more));
    }

    /// Has the Tag point at an image.
    void move(String digest) throws ApiException {
        ApiObject tag = get(TAG);
        ObjectNode status = tag.copyTree().withObject("/status");
        status.put("digest", digest);
        api.report(api.kinds().find(TAG.resource()).orElseThrow(), tag, status);
    }

    List<TagConsumers.Consumer> consumers() {
        return TagConsumers.of(store, get(TAG));
    }

    /// What `kubectl rollout undo` writes: the template of an earlier set, and the annotations of that set but
    /// those that are the Deployment's own.
    void undo(ApiObject set) throws ApiException {
        ObjectNode tree = web().copyTree();
        ObjectNode template = set.spec().path("template").deepCopy();
        template.withObject("/metadata/labels").remove(PodTemplate.HASH);
        ((ObjectNode) tree.path("spec")).set("template", template);
        ObjectNode annotations = tree.withObject("/metadata").putObject("annotations");
        set.annotations().forEach((name, value) -> {
            if (!name.startsWith("deployment.kubernetes.io/")) {
                annotations.put(name, value);
            }
        });
        Kind kind = api.kinds().find(WEB.resource()).orElseThrow();
        api.update(kind, WEB, tree, ALICE);
    }

    ApiObject merge(ObjectKey key, String changes) throws ApiException {
        Kind kind = api.kinds().find(key.resource()).orElseThrow();
        return api.patch(kind, key, new Patch.Merge(tree(changes)), ALICE).object();
    }

    void image(String image) throws ApiException {
        merge(WEB, "{spec: {template: {spec: {containers: [{name: c, image: '%s'}]}}}}".formatted(image));
    }

    void delete(ObjectKey key) throws ApiException {
        api.delete(api.kinds().find(key.resource()).orElseThrow(), key, Deletion.PLAIN);
    }

    ApiObject get(ObjectKey key) {
        return store.get(key).orElseThrow();
    }

    ApiObject web() {
        return get(WEB);
    }

    List<ApiObject> sets() {
        return store.list(Workloads.REPLICA_SETS, "default").items().stream()
                .sorted(Comparator.comparing(Revisions::revision))
                .toList();
    }

    List<ApiObject> pods() {
        return store.list(Workloads.PODS, "default").items();
    }

    List<ApiObject> pods(String image) {
        return pods().stream()
                .filter(pod -> pod.spec().at("/containers/0/image").asText().equals(image))
                .filter(PodAvailability::isActive)
                .toList();
    }

    List<String> events() {
        List<String> reasons = new ArrayList<>();
        store.list(GroupResource.core("events"), "default")
                .items()
                .forEach(event -> reasons.add(event.tree().path("reason").asText()));
        return reasons;
    }

    /// From now on no pod can be made, or again.
    void closeNamespace(boolean isClosed) throws Exception {
        ObjectKey key = new ObjectKey(GroupResource.core("namespaces"), "", "default");
        ApiObject before = get(key);
        ObjectNode tree = before.copyTree();
        tree.withObject("/metadata").remove("deletionTimestamp");
        if (isClosed) {
            tree.withObject("/metadata").put("deletionTimestamp", Timestamps.seconds(now));
        }
        store.update(key, ApiObject.of(tree), before.resourceVersion());
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    Result round(ObjectKey key) {
        return key.resource().equals(Workloads.REPLICA_SETS) ? sets.reconcile(key) : deployments.reconcile(key);
    }

    /// What a round would claim that has looked at `set` before.
    void claim(ApiObject set) throws ApiException {
        new Claims(new Workloads(api), Workloads.PODS, PodAvailability::isActive).claim(set);
    }

    DeploymentController deployments() {
        return deployments;
    }

    ReplicaSetController replicaSets() {
        return sets;
    }

    /// Rounds of all controllers until none writes anything more.
    void settle() {
        for (int i = 0; i < MOST_ROUNDS; i++) {
            List<String> before = versions();
            store.list(new GroupResource("apps", "deployments"), "default")
                    .items()
                    .forEach(each -> deployments.reconcile(deployment(each.name())));
            sets().forEach(each -> sets.reconcile(set(each.name())));
            if (versions().equals(before)) {
                return;
            }
        }
        throw new IllegalStateException("the controllers never come to rest");
    }

    /// Of everything but events, which count what is tried again.
    private List<String> versions() {
        List<String> versions = new ArrayList<>();
        for (GroupResource resource : List.of(WEB.resource(), Workloads.REPLICA_SETS, Workloads.PODS)) {
            store.list(resource, "default")
                    .items()
                    .forEach(each -> versions.add(each.uid() + " " + each.resourceVersion()));
        }
        return versions;
    }

    /// What the node does: pods that are asked for begin to run, and are ready when `works` says so; pods that
    /// shall go are gone. Then the controllers come to rest.
    ///
    /// @return whether there was anything to do
    boolean node(Predicate<ApiObject> works) {
        List<String> before = versions();
        pods().forEach(pod -> node(pod, works));
        settle();
        return !versions().equals(before);
    }

    /// What the node does for one pod.
    void node(ApiObject pod, Predicate<ApiObject> works) {
        try {
            if (pod.deletionTimestamp().isPresent()) {
                api.remove(pod(pod.name()), pod.uid());
            } else if (pod.status().path("conditions").isEmpty()) {
                boolean rests = DesiredState.of(pod).isRest();
                report(pod, "Running", !rests && works.test(pod));
            }
        } catch (ApiException e) {
            throw new IllegalStateException(e);
        }
    }

    void report(ApiObject pod, String phase, boolean isReady) throws ApiException {
        ObjectNode status = tree("{phase: %s, conditions: [{type: Ready, status: '%s', lastTransitionTime: '%s'}]}"
                .formatted(phase, isReady ? "True" : "False", Timestamps.seconds(now)));
        api.report(api.kinds().find(Workloads.PODS).orElseThrow(), pod, status);
    }

    /// Turns of node and controllers until nothing happens any more.
    void untilQuiet() {
        settle();
        boolean busy = true;
        while (busy) {
            busy = node(pod -> true);
        }
    }

    /// Rounds of all controllers in an order of chance, with `check` after each, until none writes anything more.
    void settle(Random order, Runnable check) {
        for (int i = 0; i < MOST_ROUNDS; i++) {
            List<String> before = versions();
            List<ObjectKey> keys = new ArrayList<>(List.of(WEB));
            sets().forEach(each -> keys.add(set(each.name())));
            Collections.shuffle(keys, order);
            for (ObjectKey key : keys) {
                round(key);
                check.run();
            }
            if (versions().equals(before)) {
                return;
            }
        }
        throw new IllegalStateException("the controllers never come to rest");
    }

    String condition(String type) {
        for (var condition : web().status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText();
            }
        }
        return "";
    }

    Optional<ApiObject> find(ObjectKey key) {
        return store.get(key);
    }

    static ObjectNode tree(String yaml) {
        try {
            return (ObjectNode) YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                    .getFirst()
                    .tree();
        } catch (MalformedYamlException e) {
            throw new IllegalArgumentException(yaml, e);
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
