package dev.slipway.door.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
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
        assertEquals(Optional.empty(), StatusRules.problem(object("ConfigMap", "", ""), "x", false));
    }

    @Test
    void a_status_of_an_older_generation_is_out_of_date() throws IOException {
        ApiObject object = object("Image", "\"generation\":2", "\"observedGeneration\":1," + conditions("Ready=True"));

        assertEquals(
                Optional.of("the last change has not been looked at yet"),
                StatusRules.problem(object, "x", true).map(Problem::message));
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
                StatusRules.problem(object, "x", true));
    }

    @Test
    void an_owner_answers_for_what_it_controls() throws IOException {
        ApiObject pod = object("Pod", "\"ownerReferences\":[{\"controller\":true}]", conditions("Ready=False"));

        assertEquals(Optional.empty(), StatusRules.problem(pod, "x", true));
    }

    private static Optional<Problem> problem(String kind, String status) throws IOException {
        return StatusRules.problem(object(kind, "", status), "x", true);
    }

    private static ApiObject object(String kind, String metadata, String status) throws IOException {
        String json = """
                {"kind":"%s","metadata":{"name":"x","creationTimestamp":"2026-01-01T00:00:00Z"%s},"status":{%s}}""".formatted(kind, metadata.isEmpty() ? "" : "," + metadata, status);
        return ApiObject.of(ObjectCodec.readObject(json.getBytes(StandardCharsets.UTF_8)));
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
