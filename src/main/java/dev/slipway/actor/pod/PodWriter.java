package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.api.WriteOptions.FieldValidation;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.PodAnnotations;

/// Writes what the node says about pods. Each write insists on the version that was read: if somebody was
/// faster, it is refused, and their write starts another round. Thread-safe.
final class PodWriter {
    static final GroupResource PODS = GroupResource.core("pods");
    static final GroupResource VOLUMES = new GroupResource("slipway.dev", "volumes");
    private static final WriteOptions OWN = new WriteOptions("", "", FieldValidation.IGNORE, false, false, "");

    private final ObjectApi api;

    PodWriter(ObjectApi api) {
        this.api = api;
    }

    /// Gives the pod to this node, as a scheduler does.
    ///
    /// @return the pod as it is now
    ApiObject bind(ObjectKey key, ApiObject pod, String node) throws ApiException {
        ObjectNode patch = patch(pod);
        patch.putObject("spec").put("nodeName", node);
        return api.patch(kind(PODS), key, new Patch.Merge(patch), OWN).object();
    }

    /// Notes how often its containers were started again in a row.
    ///
    /// @return the pod as it is now
    ApiObject streaks(ObjectKey key, ApiObject pod, String text) throws ApiException {
        ObjectNode patch = patch(pod);
        patch.withObject("/metadata/annotations").put(PodAnnotations.RESTART_STREAKS, text);
        return api.patch(kind(PODS), key, new Patch.Merge(patch), OWN).object();
    }

    private static ObjectNode patch(ApiObject pod) {
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        patch.putObject("metadata").put("resourceVersion", Long.toString(pod.resourceVersion()));
        return patch;
    }

    /// Writes the status unless it says the same already.
    void status(ObjectKey key, ApiObject pod, ObjectNode status) throws ApiException {
        if (!status.equals(pod.status())) {
            ObjectNode tree = ObjectCodec.json().createObjectNode();
            tree.put("apiVersion", pod.apiVersion()).put("kind", pod.kind());
            tree.putObject("metadata")
                    .put("name", pod.name())
                    .put("namespace", pod.namespace())
                    .put("uid", pod.uid())
                    .put("resourceVersion", Long.toString(pod.resourceVersion()));
            tree.set("status", status);
            api.update(kind(PODS), key, tree, WriteOptions.ownStatus());
        }
    }

    /// Takes a pod out of the store, of which nothing is left on this node.
    void remove(ObjectKey key, String uid) throws ApiException {
        api.remove(key, uid);
    }

    /// Makes a Volume object.
    void createVolume(String namespace, ObjectNode volume) throws ApiException {
        api.create(kind(VOLUMES), namespace, volume, WriteOptions.by("slipway"));
    }

    /// Whether a write was refused because another one came first.
    static boolean isOvertaken(ApiException refusal) {
        return refusal.reason().equals("Conflict") || refusal.reason().equals("NotFound");
    }

    private Kind kind(GroupResource resource) {
        return api.kinds().find(resource).orElseThrow();
    }
}
