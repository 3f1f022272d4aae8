package dev.slipway.actor.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.container.PlayedHost;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.store.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The life of Deployments by events alone: controllers, their loops, store and garbage collection are real, the node
/// is played.
class WorkloadLifeTest {
    private static final WriteOptions ALICE = WriteOptions.by("alice");

    @TempDir
    private Path folder = Path.of("");

    private PlayedHost host;
    private ObjectStore store;
    private ObjectApi api;

    @BeforeEach
    void start() throws Exception {
        host = new PlayedHost(
                folder,
                (objects, recorder, clock) -> List.of(
                        new DeploymentController(objects, recorder, clock),
                        new ReplicaSetController(objects, recorder, clock)));
        store = host.store();
        api = host.api();
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    @Test
    void it_is_made_scaled_rolled_and_deleted_and_nothing_is_left() throws Exception {
        web(2, "one");
        awaitReady(2, "one");

        merge("{spec: {replicas: 5}}");
        awaitReady(5, "one");
        merge("{spec: {template: {spec: {containers: [{name: c, image: two}]}}}}");
        awaitReady(5, "two");
        merge("{spec: {replicas: 1}}");
        awaitReady(1, "two");
        assertEquals(2, sets().size());

        api.delete(kind(WorkloadLab.WEB.resource()), WorkloadLab.WEB, Deletion.PLAIN);
        await("nothing", () -> sets().isEmpty() && pods().isEmpty());
    }

    @Test
    void deleted_in_the_foreground_it_goes_last() throws Exception {
        web(3, "one");
        awaitReady(3, "one");

        api.delete(
                kind(WorkloadLab.WEB.resource()),
                WorkloadLab.WEB,
                new Deletion(Optional.empty(), "", "", Deletion.Propagation.FOREGROUND, false));

        await("no deployment", () -> store.get(WorkloadLab.WEB).isEmpty());
        assertEquals(List.of(), sets());
        assertEquals(List.of(), pods());
    }

    @Test
    void a_pod_that_is_taken_away_is_replaced() throws Exception {
        web(2, "one");
        awaitReady(2, "one");
        String lost = pods().getFirst().name();

        api.delete(kind(Workloads.PODS), WorkloadLab.pod(lost), Deletion.PLAIN);

        await(
                "another pod",
                () -> pods().size() == 2
                        && pods().stream().noneMatch(pod -> pod.name().equals(lost)));
        awaitReady(2, "one");
    }

    @Test
    void a_tag_that_moves_leads_to_pods_of_its_image() throws Exception {
        create("{apiVersion: slipway.dev/v1alpha1, kind: Tag, metadata: {name: shop},"
                + " spec: {repository: acme/shop, target: {image: {name: shop}}}}");
        web(3, "acme/shop");
        await("the Deployment to wait", () -> store.get(WorkloadLab.WEB)
                .orElseThrow()
                .status()
                .toString()
                .contains("DependencyNotReady"));

        for (String digit : List.of("1", "2")) {
            String digest = "sha256:" + digit.repeat(64);
            point(digest);
            awaitReady(3, "acme/shop@" + digest);
        }

        assertEquals(2, sets().size());
    }

    private void point(String digest) throws ApiException {
        ApiObject tag = store.get(WorkloadLab.TAG).orElseThrow();
        api.report(kind(WorkloadLab.TAG.resource()), tag, WorkloadLab.tree("{digest: '%s'}".formatted(digest)));
    }

    private void web(int replicas, String image) throws ApiException {
        create("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: web}}
                  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: %s}]}}
                """.formatted(replicas, image));
    }

    private void create(String yaml) throws ApiException {
        ObjectNode object = WorkloadLab.tree(yaml);
        Kind kind = api.kinds()
                .find(object.path("apiVersion").asText(), object.path("kind").asText())
                .orElseThrow();
        api.create(kind, "default", object, ALICE);
    }

    private void merge(String changes) throws ApiException {
        api.patch(kind(WorkloadLab.WEB.resource()), WorkloadLab.WEB, new Patch.Merge(WorkloadLab.tree(changes)), ALICE);
    }

    private Kind kind(GroupResource resource) {
        return api.kinds().find(resource).orElseThrow();
    }

    private List<ApiObject> sets() {
        return store.list(Workloads.REPLICA_SETS, "default").items();
    }

    private List<ApiObject> pods() {
        return store.list(Workloads.PODS, "default").items();
    }

    /// Waits until the Deployment says that it has come to its end, and pods of an image are all that there are.
    private void awaitReady(int replicas, String image) {
        await("%d pods of %s".formatted(replicas, image), () -> {
            ApiObject web = store.get(WorkloadLab.WEB).orElseThrow();
            boolean isCurrent = web.status().path("observedGeneration").asLong() == web.generation();
            List<String> images = pods().stream()
                    .map(pod -> pod.spec().at("/containers/0/image").asText())
                    .toList();
            return isCurrent
                    && DeploymentStatus.isComplete(web, (ObjectNode) web.status())
                    && images.size() == replicas
                    && images.stream().allMatch(image::equals);
        });
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited for " + what + ": " + store.get(WorkloadLab.WEB));
            LockSupport.parkNanos(1_000_000);
        }
    }
}
