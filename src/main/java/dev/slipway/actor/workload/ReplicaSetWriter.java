package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Makes, scales, annotates and deletes the ReplicaSets of Deployments. Thread-safe.
final class ReplicaSetWriter {
    private final Workloads workloads;
    private final EventRecorder recorder;

    ReplicaSetWriter(Workloads workloads, EventRecorder recorder) {
        this.workloads = workloads;
        this.recorder = recorder;
    }

    /// What became of a set that was to be made.
    ///
    /// @param collisions how many names were taken by other templates until now
    /// @param failure why there is none
    record Made(int collisions, Optional<Condition> failure) {
        static Made nothing(ApiObject deployment) {
            return new Made(deployment.status().path("collisionCount").asInt(), Optional.empty());
        }

        private static Made failed(int collisions, Reason reason, String message) {
            return new Made(collisions, Optional.of(Condition.no(DeploymentConditions.PROGRESSING, reason, message)));
        }

        /// The set is not made before that has ended.
        static Made awaits(ApiObject deployment, String what) {
            return failed(nothing(deployment).collisions(), Reason.DEPENDENCY_NOT_READY, what);
        }
    }

    /// Binds the Deployment's template to images.
    ///
    /// @return the Deployment as it is then
    ApiObject pin(ApiObject deployment, ImagePins pins) throws ApiException {
        ObjectNode changes = pins.changes(deployment);
        if (changes.isEmpty()) {
            return deployment;
        }
        ApiObject bound = workloads.patchPinned(Workloads.DEPLOYMENTS, deployment, changes);
        String images = pins.pinned().text();
        if (changes.has("spec") && !images.isEmpty()) {
            recorder.normal(Involved.of(bound), Reason.TAG_MOVED, "Template is bound to " + images);
        }
        return bound;
    }

    /// Makes the set of the Deployment's template. When its name belongs to another template, the next round tries
    /// another name.
    Made create(ApiObject deployment, Revisions revisions) throws ApiException {
        int collisions = Made.nothing(deployment).collisions();
        ObjectNode set = newest(deployment, revisions, collisions);
        String name = set.path("metadata").path("name").asText();
        try {
            workloads.create(Workloads.REPLICA_SETS, deployment, set);
        } catch (ApiException e) {
            if (!e.reason().equals("AlreadyExists")) {
                recorder.warning(
                        Involved.of(deployment),
                        Reason.REPLICA_SET_CREATE_ERROR,
                        "Failed to create new replica set \"%s\": %s".formatted(name, e.getMessage()));
                return Made.failed(collisions, Reason.REPLICA_SET_CREATE_ERROR, String.valueOf(e.getMessage()));
            }
            return new Made(collisions + 1, Optional.empty());
        }
        int replicas = set.path("spec").path("replicas").asInt();
        if (replicas > 0) {
            tellScaled(deployment, name, 0, replicas);
        }
        tellRevision(deployment, revisions);
        return new Made(collisions, Optional.empty());
    }

    /// Brings the annotations of the newest set, and the Deployment's own revision, to what they shall be.
    ///
    /// @return whether the set has changed
    boolean annotate(ApiObject deployment, Revisions revisions) throws ApiException {
        ApiObject newest = revisions.newest().orElseThrow();
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        Map<String, String> present = newest.annotations();
        revisions.annotations(deployment).forEach((name, value) -> {
            if (!value.equals(present.get(name))) {
                changes.withObject("/metadata/annotations").put(name, value);
            }
        });
        int minReady = deployment.spec().path("minReadySeconds").asInt();
        if (minReady != newest.spec().path("minReadySeconds").asInt()) {
            changes.withObject("/spec").put("minReadySeconds", minReady);
        }
        patch(Workloads.REPLICA_SETS, newest, changes);
        tellRevision(deployment, revisions);
        return !changes.isEmpty();
    }

    /// Hands what the pods shall do on to all sets, so that none runs on when all shall stop, and none stops when
    /// somebody goes back to it.
    ///
    /// @return whether a set has changed
    boolean handOnDesiredState(ApiObject deployment, Revisions revisions) throws ApiException {
        boolean hasChanged = false;
        for (ApiObject set : revisions.all()) {
            DesiredState before = DesiredState.of(set);
            DesiredState wanted = DesiredState.of(deployment).handedTo(before);
            if (!wanted.equals(before)) {
                ObjectNode changes = ObjectCodec.json().createObjectNode();
                changes.withObject("/metadata/annotations").put(DesiredState.ANNOTATION, wanted.word());
                patch(Workloads.REPLICA_SETS, set, changes);
                hasChanged = true;
            }
        }
        return hasChanged;
    }

    /// Scales sets, and notes at all that have pods for which number of pods that was.
    ///
    /// @return whether a set has changed
    boolean scale(ApiObject deployment, Revisions revisions, List<Rollout.Scaling> scalings) throws ApiException {
        RolloutLimits limits = RolloutLimits.of(deployment);
        boolean hasChanged = false;
        for (ApiObject set : revisions.all()) {
            Optional<Rollout.Scaling> scaling =
                    scalings.stream().filter(each -> each.set().equals(set)).findFirst();
            ObjectNode changes = ObjectCodec.json().createObjectNode();
            scaling.ifPresent(each -> changes.withObject("/spec").put("replicas", each.to()));
            if (scaling.isPresent() || Replicas.wanted(set) > 0) {
                note(set, Revisions.DESIRED_REPLICAS, limits.replicas(), changes);
                note(set, Revisions.MAX_REPLICAS, limits.most(), changes);
            }
            patch(Workloads.REPLICA_SETS, set, changes);
            scaling.ifPresent(each -> tellScaled(deployment, set.name(), each.from(), each.to()));
            hasChanged |= !changes.isEmpty();
        }
        return hasChanged;
    }

    void deleteBeyond(ApiObject deployment, Revisions revisions) throws ApiException {
        for (ApiObject set : revisions.beyond(deployment)) {
            workloads.delete(Workloads.REPLICA_SETS, set);
        }
    }

    private static void note(ApiObject set, String annotation, int number, ObjectNode changes) {
        String text = Integer.toString(number);
        if (!text.equals(set.annotations().get(annotation))) {
            changes.withObject("/metadata/annotations").put(annotation, text);
        }
    }

    private static ObjectNode newest(ApiObject deployment, Revisions revisions, int collisions) {
        RolloutLimits limits = RolloutLimits.of(deployment);
        PodTemplate template = PodTemplate.of(deployment);
        String hash = template.hash(collisions);
        ObjectNode set = ObjectCodec.json().createObjectNode();
        set.put("apiVersion", "apps/v1").put("kind", "ReplicaSet");
        ObjectNode metadata = set.putObject("metadata").put("name", deployment.name() + "-" + hash);
        ObjectNode annotations = metadata.putObject("annotations");
        revisions.annotations(deployment).forEach(annotations::put);
        String state = DesiredState.of(deployment).word();
        if (!state.isEmpty()) {
            annotations.put(DesiredState.ANNOTATION, state);
        }
        annotations.put(Revisions.DESIRED_REPLICAS, Integer.toString(limits.replicas()));
        annotations.put(Revisions.MAX_REPLICAS, Integer.toString(limits.most()));
        metadata.putArray("ownerReferences").add(Claims.reference(deployment));
        ObjectNode spec = set.putObject("spec");
        spec.put("replicas", Rollout.begin(deployment, revisions));
        int minReady = deployment.spec().path("minReadySeconds").asInt();
        if (minReady > 0) {
            spec.put("minReadySeconds", minReady);
        }
        ObjectNode tree = template.tree().deepCopy();
        tree.withObject("/metadata/labels").put(PodTemplate.HASH, hash);
        metadata.set("labels", tree.at("/metadata/labels").deepCopy());
        ObjectNode selector = deployment.spec().path("selector").deepCopy();
        selector.withObject("/matchLabels").put(PodTemplate.HASH, hash);
        spec.set("selector", selector);
        spec.set("template", tree);
        return set;
    }

    private void tellScaled(ApiObject deployment, String set, int from, int to) {
        recorder.normal(
                Involved.of(deployment),
                Reason.SCALING_REPLICA_SET,
                "Scaled %s replica set %s from %d to %d".formatted(to > from ? "up" : "down", set, from, to));
    }

    private void tellRevision(ApiObject deployment, Revisions revisions) throws ApiException {
        String revision = Long.toString(revisions.revision());
        if (!Objects.equals(deployment.annotations().get(Revisions.REVISION), revision)) {
            ObjectNode changes = ObjectCodec.json().createObjectNode();
            changes.withObject("/metadata/annotations").put(Revisions.REVISION, revision);
            patch(Workloads.DEPLOYMENTS, deployment, changes);
        }
    }

    private void patch(GroupResource resource, ApiObject object, ObjectNode changes) throws ApiException {
        if (!changes.isEmpty()) {
            workloads.patchPinned(resource, object, changes);
        }
    }
}
