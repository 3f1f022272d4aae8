package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.util.Optional;

/// Makes the claims of pods' ephemeral volumes. They belong to their pods, and are collected with them.
record EphemeralClaims(ObjectApi objects) {
    private static final GroupResource PODS = GroupResource.core("pods");

    /// Makes the claim of this name if a pod has an ephemeral volume for it.
    void make(ObjectKey key) throws ApiException {
        for (ApiObject pod : objects.store().list(PODS, key.namespace()).items()) {
            Optional<JsonNode> volume = volume(pod, key.name());
            if (volume.isPresent() && pod.deletionTimestamp().isEmpty()) {
                objects.create(
                        objects.kinds().find(key.resource()).orElseThrow(),
                        key.namespace(),
                        claim(pod, key.name(), volume.get().at("/ephemeral/volumeClaimTemplate")),
                        WriteOptions.by(""));
                return;
            }
        }
    }

    private static Optional<JsonNode> volume(ApiObject pod, String claim) {
        for (JsonNode volume : pod.spec().path("volumes")) {
            if (PodClaims.isEphemeral(volume) && PodClaims.of(pod, volume).equals(claim)) {
                return Optional.of(volume);
            }
        }
        return Optional.empty();
    }

    private static ObjectNode claim(ApiObject pod, String name, JsonNode template) {
        ObjectNode claim = ObjectCodec.json().createObjectNode();
        claim.put("apiVersion", "v1").put("kind", "PersistentVolumeClaim");
        ObjectNode metadata = claim.putObject("metadata");
        metadata.put("name", name).put("namespace", pod.namespace());
        for (String field : new String[] {"labels", "annotations"}) {
            if (template.at("/metadata/" + field).isObject()) {
                metadata.set(field, template.at("/metadata/" + field).deepCopy());
            }
        }
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("name", pod.name())
                .put("uid", pod.uid())
                .put("controller", true)
                .put("blockOwnerDeletion", true);
        claim.set("spec", template.path("spec").deepCopy());
        return claim;
    }
}
