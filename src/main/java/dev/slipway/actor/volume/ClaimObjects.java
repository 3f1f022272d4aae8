package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;

/// The objects around a claim, and what their statuses say. Pure.
final class ClaimObjects {
    static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");

    private static final GroupResource PERSISTENT = GroupResource.core("persistentvolumes");
    /// On a Volume: the uid of the claim that it was made for.
    private static final String CLAIM = OwnGroup.GROUP + "/claim";

    private ClaimObjects() {}

    static ObjectKey volumeKey(ApiObject claim) {
        return new ObjectKey(VOLUMES, claim.namespace(), claim.name());
    }

    /// The name that Kubernetes' provisioners give.
    static String persistentName(ApiObject claim) {
        return "pvc-" + claim.uid();
    }

    static ObjectKey persistentKey(ApiObject claim) {
        return new ObjectKey(PERSISTENT, "", persistentName(claim));
    }

    static boolean isMadeFor(ApiObject claim, ApiObject volume) {
        return claim.uid().equals(volume.annotations().get(CLAIM));
    }

    /// The data of a claim, with the same name.
    static ObjectNode volume(ApiObject claim, ApiObject storageClass) {
        ObjectNode volume = ObjectCodec.json().createObjectNode();
        volume.put("apiVersion", OwnGroup.API_VERSION).put("kind", "Volume");
        ObjectNode metadata = volume.putObject("metadata");
        metadata.put("name", claim.name()).put("namespace", claim.namespace());
        metadata.putObject("annotations").put(CLAIM, claim.uid());
        volume.putObject("spec")
                .put("type", "Managed")
                .put("reclaimPolicy", StorageClasses.reclaimPolicy(storageClass));
        return volume;
    }

    /// The PersistentVolume of a claim that has its volume.
    static ObjectNode persistent(ApiObject claim, ApiObject volume) {
        ObjectNode persistent = ObjectCodec.json().createObjectNode();
        persistent.put("apiVersion", "v1").put("kind", "PersistentVolume");
        persistent.putObject("metadata").put("name", persistentName(claim));
        ObjectNode spec = persistent.putObject("spec");
        spec.set("capacity", capacity(claim));
        spec.set("accessModes", claim.spec().path("accessModes"));
        spec.put(
                "persistentVolumeReclaimPolicy",
                volume.spec().path("reclaimPolicy").asText("Retain"));
        spec.put("storageClassName", claim.spec().path("storageClassName").asText());
        spec.put("volumeMode", "Filesystem");
        spec.putObject("hostPath").put("path", volume.status().path("path").asText());
        spec.putObject("claimRef")
                .put("apiVersion", "v1")
                .put("kind", "PersistentVolumeClaim")
                .put("namespace", claim.namespace())
                .put("name", claim.name())
                .put("uid", claim.uid());
        return persistent;
    }

    static ObjectNode boundStatus(ApiObject claim) {
        ObjectNode status = phase("Bound");
        status.set("accessModes", claim.spec().path("accessModes"));
        status.set("capacity", capacity(claim));
        return status;
    }

    static ObjectNode phase(String phase) {
        return ObjectCodec.json().createObjectNode().put("phase", phase);
    }

    private static ObjectNode capacity(ApiObject claim) {
        ObjectNode capacity = ObjectCodec.json().createObjectNode();
        capacity.set("storage", claim.spec().at("/resources/requests/storage"));
        return capacity;
    }
}
