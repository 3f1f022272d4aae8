package dev.slipway.door.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusRulesTest {
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant CHANGED = Instant.parse("2026-01-02T00:00:00Z");

    @Test
    void a_ready_object_is_as_declared() throws IOException {
        assertEquals(Optional.empty(), problem("Container", conditions("Ready=True", "Reconciling=False")));
    }

    @Test
    void an_object_that_is_not_ready_says_why_and_since_when() throws IOException {
        assertEquals(
                Optional.of(new Problem("x", "BecauseReady", "about Ready", CHANGED)),
                problem("Pod", conditions("Initialized=True", "Ready=False")));
        assertEquals(
                Optional.of(new Problem("x", "BecauseReady", "about Ready", CHANGED)),
                problem("Container", conditions("Ready=False", "Reconciling=True")));
    }

    @Test
    void a_stalled_object_says_what_stalls_it() throws IOException {
        assertEquals(
                Optional.of(new Problem("x", "BecauseStalled", "about Stalled", CHANGED)),
                problem("Image", conditions("Ready=False", "Reconciling=False", "Stalled=True")));
    }

    @Test
    void a_host_without_network_is_not_as_declared_though_it_runs_pods() throws IOException {
        assertEquals(
                Optional.of(new Problem("x", "BecauseNetworkUnavailable", "about NetworkUnavailable", CHANGED)),
                problem("Node", conditions("NetworkUnavailable=True", "Ready=True")));
        assertEquals(Optional.empty(), problem("Node", conditions("Ready=True")));
    }

    @Test
    void an_own_kind_at_rest_is_as_declared_also_when_it_is_not_ready() throws IOException {
        assertEquals(
                Optional.empty(),
                problem("Container", conditions("Ready=False", "Reconciling=False", "Stalled=False")));
    }

    @Test
    void a_pod_that_has_completed_is_as_declared() throws IOException {
        assertEquals(Optional.empty(), problem("Pod", "\"phase\":\"Succeeded\"," + conditions("Ready=False")));
    }

    @Test
    void a_pod_that_was_asked_to_rest_and_does_is_as_declared() throws IOException {
        assertEquals(Optional.empty(), problem("Pod", conditions("Ready=False", "Stopped=True")));
        assertEquals(Optional.empty(), problem("Pod", conditions("Ready=False", "Paused=True")));
    }

    @Test
    void an_object_that_nobody_has_looked_at_is_in_progress() throws IOException {
        assertEquals(Optional.of("Progressing"), problem("Pod", "").map(Problem::reason));
        assertEquals(MADE, problem("Pod", "").orElseThrow().since());
        assertEquals(Optional.empty(), StatusRules.problem(object("ConfigMap", "", ""), "x", false, UnreadyPods.NONE));
    }

    @Test
    void a_status_of_an_older_generation_is_out_of_date() throws IOException {
        ApiObject object = object("Image", "\"generation\":2", "\"observedGeneration\":1," + conditions("Ready=True"));

        assertEquals(
                Optional.of("the last change has not been looked at yet"),
                StatusRules.problem(object, "x", true, UnreadyPods.NONE).map(Problem::message));
    }

    @Test
    void pods_of_another_version_or_missing_ones_are_in_progress() throws IOException {
        String whole = "\"replicas\":1,\"updatedReplicas\":1,\"availableReplicas\":1,";
        String available = conditions("Available=True", "Progressing=True");

        assertEquals(Optional.empty(), problem("Deployment", whole + available));
        assertEquals(
                Optional.of("1 of 1 pods are of this version, 0 are available"),
                problem("Deployment", "\"replicas\":1,\"updatedReplicas\":1," + available)
                        .map(Problem::message));
        assertEquals(
                Optional.of("Progressing"),
                problem("Deployment", "\"replicas\":2,\"updatedReplicas\":1,\"availableReplicas\":2," + available)
                        .map(Problem::reason));
        assertEquals(Optional.empty(), problem("ReplicaSet", "\"replicas\":1,\"availableReplicas\":1"));
    }

    @Test
    void what_keeps_pods_quotes_the_first_of_them_that_says_why_it_is_not_ready() throws IOException {
        String short1 = "\"replicas\":1,\"updatedReplicas\":1,";
        ApiObject web = object("Deployment", "\"uid\":\"d\"", short1 + conditions("Progressing=True"));
        ApiObject late = object("Deployment", "\"uid\":\"d\"", short1 + conditions("Progressing=False"));
        ApiObject set = object("ReplicaSet", "\"uid\":\"s\"," + owner("d"), "");
        String waits = "\"containerStatuses\":[{\"state\":{\"waiting\":{}}},{\"state\":{\"waiting\":"
                + "{\"reason\":\"ErrImagePull\",\"message\":\"no such image\"}}}],";
        String going = ",\"deletionTimestamp\":\"2026-01-02T00:00:00Z\"";
        UnreadyPods pods = UnreadyPods.among(Map.of(
                GroupResource.core("pods"),
                List.of(
                        object("Pod", pod("web-e", "s"), conditions("Ready=False")),
                        object("Pod", pod("web-d", "s"), waits + conditions("Ready=False")),
                        object("Pod", pod("web-c", "s"), waits + conditions("Ready=True")),
                        object("Pod", pod("web-b", "s") + going, waits + conditions("Ready=False")),
                        object("Pod", pod("web-a", "other"), waits + conditions("Ready=False")),
                        object("Pod", "\"uid\":\"x\"", waits + conditions("Ready=False"))),
                new GroupResource("apps", "replicasets"),
                List.of(set))::get);

        assertEquals(
                Optional.of("1 of 1 pods are of this version, 0 are available; "
                        + "pod web-d: ErrImagePull: no such image"),
                StatusRules.problem(web, "x", true, pods).map(Problem::message));
        assertEquals(
                Optional.of("about Progressing; pod web-d: ErrImagePull: no such image"),
                StatusRules.problem(late, "x", true, pods).map(Problem::message));
    }

    @Test
    void a_pod_that_waits_for_nothing_is_quoted_by_its_condition() throws IOException {
        ApiObject set = object("ReplicaSet", "\"uid\":\"s\"", "\"replicas\":1");
        UnreadyPods pods = UnreadyPods.among(Map.of(
                GroupResource.core("pods"),
                List.of(object("Pod", pod("web-a", "s"), conditions("Ready=False"))),
                new GroupResource("apps", "replicasets"),
                List.of(set))::get);

        assertEquals(
                Optional.of("1 of 1 pods are of this version, 0 are available; pod web-a: about Ready"),
                StatusRules.problem(set, "x", true, pods).map(Problem::message));
    }

    @Test
    void a_rollout_that_has_failed_says_why() throws IOException {
        assertEquals(
                Optional.of("about Progressing"),
                problem("Deployment", conditions("Available=True", "Progressing=False"))
                        .map(Problem::message));
        assertEquals(
                Optional.of("BecauseReplicaFailure"),
                problem("ReplicaSet", conditions("ReplicaFailure=True")).map(Problem::reason));
    }

    @Test
    void a_tag_is_as_declared_when_it_is_rolled_out_and_pushed() throws IOException {
        String settled = "Reconciling=False";

        assertEquals(Optional.empty(), problem("Tag", conditions("Ready=True", settled)));
        assertEquals(Optional.empty(), problem("Tag", conditions("Ready=True", settled, "Pushed=True")));
        assertEquals(
                Optional.of(new Problem("x", "BecausePushed", "about Pushed", CHANGED)),
                problem("Tag", conditions("Ready=True", settled, "Pushed=False")));
        assertEquals(
                Optional.of("BecauseRolledOut"),
                problem("Tag", conditions("Ready=True", settled, "RolledOut=False", "Pushed=True"))
                        .map(Problem::reason));
        assertEquals(Optional.empty(), problem("Tag", conditions("Ready=True", settled, "RolledOut=Unknown")));
        assertEquals(
                Optional.of("BecauseReady"),
                problem("Tag", conditions("Ready=False", "Reconciling=True", "Pushed=False"))
                        .map(Problem::reason));
    }

    @Test
    void a_claim_is_as_declared_when_it_is_bound() throws IOException {
        assertEquals(Optional.empty(), problem("PersistentVolumeClaim", phase("Bound")));
        assertEquals(
                Optional.of(new Problem("x", "Progressing", "it is not bound yet", MADE)),
                problem("PersistentVolumeClaim", phase("Pending")));
        assertEquals(
                Optional.of(new Problem("x", "BecauseBound", "about Bound", MADE)),
                problem("PersistentVolumeClaim", phase("Pending") + "," + conditions("Bound=False")));
        assertEquals(
                Optional.of("ClaimLost"),
                problem("PersistentVolumeClaim", phase("Lost")).map(Problem::reason));
    }

    @Test
    void a_persistent_volume_is_as_declared_with_and_without_a_claim() throws IOException {
        for (String phase : List.of("Available", "Bound", "Released")) {
            assertEquals(Optional.empty(), problem("PersistentVolume", phase(phase)));
        }
        assertEquals(
                Optional.of("Progressing"),
                problem("PersistentVolume", phase("Pending")).map(Problem::reason));
        assertEquals(
                Optional.of(new Problem("x", "VolumeFailedDelete", "not ours", MADE)),
                problem(
                        "PersistentVolume",
                        phase("Failed") + ",\"reason\":\"VolumeFailedDelete\",\"message\":\"not ours\""));
    }

    @Test
    void a_snapshot_is_as_declared_when_it_can_be_used() throws IOException {
        assertEquals(Optional.empty(), problem("VolumeSnapshot", "\"readyToUse\":true"));
        assertEquals(
                Optional.of(new Problem("x", "Progressing", "it is not taken yet", MADE)),
                problem("VolumeSnapshot", ""));
        assertEquals(
                Optional.of(new Problem("x", "SnapshotCreationFailed", "no space", MADE)),
                problem("VolumeSnapshot", "\"readyToUse\":false,\"error\":{\"message\":\"no space\"}"));
    }

    @Test
    void what_waits_for_finalizers_is_terminating() throws IOException {
        ApiObject object = object(
                "Volume",
                "\"deletionTimestamp\":\"2026-01-02T00:00:00Z\",\"finalizers\":[\"slipway.dev/in-use\"]",
                conditions("Ready=True"));

        assertEquals(
                Optional.of(new Problem("x", "Terminating", "waits for finalizers: slipway.dev/in-use", CHANGED)),
                StatusRules.problem(object, "x", true, UnreadyPods.NONE));
    }

    @Test
    void what_is_in_use_says_by_whom_while_it_is_being_deleted() throws IOException {
        ApiObject object = object(
                "Volume",
                "\"deletionTimestamp\":\"2026-01-02T00:00:00Z\",\"finalizers\":[\"slipway.dev/volume\"]",
                "\"conditions\":[{\"type\":\"Reconciling\",\"status\":\"True\",\"reason\":\"VolumeInUse\","
                        + "\"message\":\"in use by pod web; goes when no pod uses it\"}]");

        assertEquals(
                Optional.of(new Problem("x", "Terminating", "in use by pod web; goes when no pod uses it", CHANGED)),
                StatusRules.problem(object, "x", true, UnreadyPods.NONE));
    }

    @Test
    void a_pod_that_is_asked_to_end_says_so_and_since_when() throws IOException {
        ApiObject pod = object(
                "Pod",
                "\"deletionTimestamp\":\"2026-01-02T00:00:30Z\",\"deletionGracePeriodSeconds\":30",
                conditions("Ready=True"));
        ApiObject container = object(
                "Container",
                "\"deletionTimestamp\":\"2026-01-02T00:00:00Z\",\"finalizers\":[\"slipway.dev/container\"]",
                "\"conditions\":[{\"type\":\"Reconciling\",\"status\":\"True\",\"reason\":\"Terminating\","
                        + "\"message\":\"its processes are asked to end\"}]");
        String told = "its processes are asked to end";

        assertEquals(
                Optional.of(new Problem("x", "Terminating", told + ", until 2026-01-02T00:00:30Z", CHANGED)),
                StatusRules.problem(pod, "x", true, UnreadyPods.NONE));
        assertEquals(
                Optional.of(new Problem("x", "Terminating", told, CHANGED)),
                StatusRules.problem(container, "x", true, UnreadyPods.NONE));
    }

    @Test
    void an_owner_answers_for_what_it_controls() throws IOException {
        ApiObject pod = object("Pod", "\"ownerReferences\":[{\"controller\":true}]", conditions("Ready=False"));

        assertEquals(Optional.empty(), StatusRules.problem(pod, "x", true, UnreadyPods.NONE));
    }

    private static Optional<Problem> problem(String kind, String status) throws IOException {
        return StatusRules.problem(object(kind, "", status), "x", true, UnreadyPods.NONE);
    }

    private static ApiObject object(String kind, String metadata, String status) throws IOException {
        String json = """
                {"kind":"%s","metadata":{%s"creationTimestamp":"2026-01-01T00:00:00Z"%s},"status":{%s}}""".formatted(
                        kind,
                        metadata.contains("\"name\"") ? "" : "\"name\":\"x\",",
                        metadata.isEmpty() ? "" : "," + metadata,
                        status);
        return ApiObject.of(ObjectCodec.readObject(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String pod(String name, String owner) {
        return "\"name\":\"%s\",%s".formatted(name, owner(owner));
    }

    private static String owner(String uid) {
        return "\"ownerReferences\":[{\"controller\":true,\"uid\":\"%s\"}]".formatted(uid);
    }

    private static String phase(String phase) {
        return "\"phase\":\"%s\"".formatted(phase);
    }

    private static String conditions(String... conditions) {
        StringBuilder json = new StringBuilder();
        for (String condition : conditions) {
            String[] parts = condition.split("=");
            json.append(json.isEmpty() ? "" : ",").append("""
                    {"type":"%s","status":"%s","reason":"Because%s","message":"about %s",
                     "lastTransitionTime":"2026-01-02T00:00:00Z"}""".formatted(parts[0], parts[1], parts[0], parts[0]));
        }
        return "\"conditions\":[" + json + "]";
    }
}
