package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.LabelSelector;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.stream.Stream;

/// The objects around a claim, and what their statuses say. Pure.
final class ClaimObjects {
    private static final GroupResource PERSISTENT = GroupResource.core("persistentvolumes");
    /// On a Volume: the uid of the claim that it was made for.
    private static final String CLAIM = OwnGroup.GROUP + "/claim";

    private ClaimObjects() {}

    static ObjectKey volumeKey(ApiObject claim) {
        return new ObjectKey(VolumeStorage.VOLUMES, claim.namespace(), claim.name());
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
        ObjectNode volume = volumeOf(claim);
        ObjectNode spec = volume.putObject("spec");
        spec.put("type", "Managed").put("reclaimPolicy", StorageClasses.reclaimPolicy(storageClass));
        spec.set("capacity", request(claim));
        source(claim).ifPresent(source -> {
            String field = source.path("kind").asText().equals("VolumeSnapshot") ? "fromSnapshot" : "fromVolume";
            spec.putObject("populate")
                    .putObject(field)
                    .put("name", source.path("name").asText());
        });
        return volume;
    }

    /// A Volume with the name of a claim, for which it is made, that does not say yet what it is.
    static ObjectNode volumeOf(ApiObject claim) {
        ObjectNode volume = ObjectCodec.json().createObjectNode();
        volume.put("apiVersion", OwnGroup.API_VERSION).put("kind", "Volume");
        ObjectNode metadata = volume.putObject("metadata");
        metadata.put("name", claim.name()).put("namespace", claim.namespace());
        metadata.putObject("annotations").put(CLAIM, claim.uid());
        return volume;
    }

    /// Whether its volume shall begin with what another holds.
    static boolean asksForData(ApiObject claim) {
        return source(claim).isPresent();
    }

    /// What the volume of a claim shall hold at first.
    private static Optional<JsonNode> source(ApiObject claim) {
        return Stream.of("dataSourceRef", "dataSource")
                .map(field -> claim.spec().path(field))
                .filter(JsonNode::isObject)
                .findFirst();
    }

    /// Why a claim's volume cannot be filled as it asks for; empty if it can.
    static Optional<String> unknownSource(ApiObject claim) {
        return source(claim)
                .filter(source -> !isSnapshot(source) && !isClaim(source))
                .map(source -> "a volume cannot be made from %s \"%s\""
                        .formatted(
                                source.path("kind").asText(),
                                source.path("name").asText()));
    }

    private static boolean isSnapshot(JsonNode source) {
        return source.path("kind").asText().equals("VolumeSnapshot")
                && source.path("apiGroup").asText().equals(SnapshotController.SNAPSHOTS.group());
    }

    private static boolean isClaim(JsonNode source) {
        return source.path("kind").asText().equals("PersistentVolumeClaim")
                && source.path("apiGroup").asText().isEmpty();
    }

    /// The PersistentVolume of a claim that has its volume.
    static ObjectNode persistent(ApiObject claim, ApiObject volume) {
        ObjectNode persistent = ObjectCodec.json().createObjectNode();
        persistent.put("apiVersion", "v1").put("kind", "PersistentVolume");
        persistent.putObject("metadata").put("name", persistentName(claim));
        ObjectNode spec = persistent.putObject("spec");
        spec.set("capacity", capacity(claim, volume));
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

    static ObjectNode boundStatus(ApiObject claim, ApiObject volume) {
        ObjectNode status = phase("Bound");
        status.set("accessModes", claim.spec().path("accessModes"));
        status.set("capacity", capacity(claim, volume));
        return status;
    }

    /// The status of a claim that has no volume: it has had none since it was made.
    static ObjectNode pendingStatus(ApiObject claim, Reason reason, String why) {
        ObjectNode status = phase("Pending");
        status.withArray("/conditions")
                .addObject()
                .put("type", "Bound")
                .put("status", "False")
                .put("reason", reason.toString())
                .put("message", why)
                .put(
                        "lastTransitionTime",
                        claim.metadata().path("creationTimestamp").asText());
        return status;
    }

    /// The status of a claim that is deleted and still used.
    static ObjectNode heldStatus(ApiObject claim, String why) {
        ObjectNode status = claim.status() instanceof ObjectNode known ? known.deepCopy() : phase("Bound");
        status.putArray("conditions")
                .addObject()
                .put("type", "Reconciling")
                .put("status", "True")
                .put("reason", Reason.VOLUME_IN_USE.toString())
                .put("message", why)
                .put(
                        "lastTransitionTime",
                        claim.metadata().path("deletionTimestamp").asText());
        return status;
    }

    static ObjectNode phase(String phase) {
        return ObjectCodec.json().createObjectNode().put("phase", phase);
    }

    /// Whether a claim is meant for volumes with certain labels.
    static boolean selects(ApiObject claim) {
        return !LabelSelector.of(claim.spec().path("selector")).requirements().isEmpty();
    }

    static JsonNode request(ApiObject claim) {
        return claim.spec().at("/resources/requests/storage");
    }

    /// Whether the Volume was made for the claim when that asked for less.
    static boolean asksForMore(ApiObject claim, ApiObject volume) {
        Optional<BigDecimal> asked = Quantities.parse(request(claim).asText());
        Optional<BigDecimal> has =
                Quantities.parse(volume.spec().path("capacity").asText());
        return isMadeFor(claim, volume)
                && asked.isPresent()
                && has.isPresent()
                && asked.get().compareTo(has.get()) > 0;
    }

    /// What was made for it says how much that is; of others it has what it asks for.
    private static ObjectNode capacity(ApiObject claim, ApiObject volume) {
        JsonNode has = volume.spec().path("capacity");
        ObjectNode capacity = ObjectCodec.json().createObjectNode();
        capacity.set("storage", isMadeFor(claim, volume) && !has.isMissingNode() ? has : request(claim));
        return capacity;
    }
}
