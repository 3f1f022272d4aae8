package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.LabelSelector;
import dev.slipway.desired.meta.NodeSelector;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The PersistentVolumes that people have declared, and which claims they fit. Pure.
///
/// @param node the Node of this host, as soon as there is one
/// @spec https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding Kubernetes: Binding
record DeclaredVolumes(List<ApiObject> all, Optional<ApiObject> node) {
    static final GroupResource RESOURCE = GroupResource.core("persistentvolumes");
    private static final List<String> SOURCES = List.of("hostPath", "local", "nfs");

    static DeclaredVolumes of(ObjectStore store, ObjectKey node) {
        return new DeclaredVolumes(all(store), store.get(node));
    }

    static List<ApiObject> all(ObjectStore store) {
        return store.list(RESOURCE, "").items().stream()
                .filter(DeclaredVolumes::isDeclared)
                .toList();
    }

    /// Whether somebody has declared it; others are written for claims that have a Volume made.
    static boolean isDeclared(ApiObject persistent) {
        String claim = persistent.spec().at("/claimRef/uid").asText();
        return claim.isEmpty() || !persistent.name().equals("pvc-" + claim);
    }

    Optional<ApiObject> find(String name) {
        return all.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /// The one that is meant for a claim, else the smallest that fits and is free.
    ///
    /// @param storageClass of the claim, empty for none
    Optional<ApiObject> match(ApiObject claim, String storageClass) {
        List<ApiObject> fitting = all.stream()
                .filter(each -> isFree(each) || isOf(each, claim))
                .filter(each -> obstacle(claim, each, storageClass).isEmpty())
                .filter(each -> isOf(each, claim)
                        || LabelSelector.of(claim.spec().path("selector")).matches(each.labels()))
                .sorted(Comparator.comparing(each -> capacity(each).orElse(BigDecimal.ZERO)))
                .toList();
        return fitting.stream().filter(each -> isOf(each, claim)).findFirst().or(() -> fitting.stream()
                .findFirst());
    }

    /// Whether no claim has it, and it waits for none.
    static boolean isFree(ApiObject persistent) {
        return !persistent.spec().path("claimRef").isObject();
    }

    /// Whether a claim has it, or it waits for the claim by its name.
    static boolean isOf(ApiObject persistent, ApiObject claim) {
        JsonNode owner = persistent.spec().path("claimRef");
        String uid = owner.path("uid").asText();
        return owner.path("namespace").asText().equals(claim.namespace())
                && owner.path("name").asText().equals(claim.name())
                && (uid.isEmpty() || uid.equals(claim.uid()));
    }

    /// Whether it is bound to this very claim.
    static boolean isBoundTo(ApiObject persistent, ApiObject claim) {
        return isOf(persistent, claim)
                && persistent.spec().at("/claimRef/uid").asText().equals(claim.uid());
    }

    /// Why a claim cannot have it; empty if it can.
    Optional<String> obstacle(ApiObject claim, ApiObject persistent, String storageClass) {
        if (persistent.deletionTimestamp().isPresent()) {
            return Optional.of("it is being deleted");
        }
        if (SOURCES.stream().noneMatch(persistent.spec()::has)) {
            return Optional.of("its source is none of " + String.join(", ", SOURCES));
        }
        if (!persistent
                .spec()
                .path("volumeMode")
                .asText()
                .equals(claim.spec().path("volumeMode").asText())) {
            return Optional.of("incompatible volumeMode");
        }
        if (!persistent.spec().path("storageClassName").asText().equals(storageClass)) {
            return Optional.of("storageClassName does not match");
        }
        if (!texts(persistent.spec().path("accessModes"))
                .containsAll(texts(claim.spec().path("accessModes")))) {
            return Optional.of("incompatible accessMode");
        }
        if (!isHere(persistent)) {
            return Optional.of("node(s) had volume node affinity conflict");
        }
        return isTooSmall(persistent, claim) ? Optional.of("requested PV is too small") : Optional.empty();
    }

    /// Whether its data are on this host. Those of another are elsewhere, also where a path here has the same name.
    private boolean isHere(ApiObject persistent) {
        return node.filter(NodeSelector.of(required(persistent))::matches).isPresent()
                || !required(persistent).isObject();
    }

    private static JsonNode required(ApiObject persistent) {
        return persistent.spec().at("/nodeAffinity/required");
    }

    /// Whether it is not known yet which of them have their data on this host.
    boolean waitForNode() {
        return node.isEmpty() && all.stream().anyMatch(each -> required(each).isObject());
    }

    /// Whether it has less than a claim asks for.
    static boolean isTooSmall(ApiObject persistent, ApiObject claim) {
        BigDecimal asked =
                Quantities.parse(ClaimObjects.request(claim).asText()).orElse(BigDecimal.ZERO);
        return capacity(persistent).filter(has -> has.compareTo(asked) >= 0).isEmpty();
    }

    private static Optional<BigDecimal> capacity(ApiObject persistent) {
        return Quantities.parse(persistent.spec().at("/capacity/storage").asText());
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new HashSet<>();
        list.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    /// The Volume through which pods use it, with the name of its claim. Its data are the host's or a server's.
    static ObjectNode volume(ApiObject claim, ApiObject persistent) {
        ObjectNode volume = ClaimObjects.volumeOf(claim);
        ObjectNode spec = volume.putObject("spec").put("reclaimPolicy", "Retain");
        JsonNode nfs = persistent.spec().path("nfs");
        if (nfs.isObject()) {
            spec.put("type", "NFS");
            ObjectNode export = spec.putObject("nfs");
            export.put("server", nfs.path("server").asText())
                    .put("path", nfs.path("path").asText())
                    .put("readOnly", nfs.path("readOnly").asBoolean());
            if (persistent.spec().path("mountOptions").isArray()) {
                export.set("options", persistent.spec().path("mountOptions").deepCopy());
            }
            return volume;
        }
        boolean isLocal = persistent.spec().has("local");
        JsonNode source = persistent.spec().path(isLocal ? "local" : "hostPath");
        spec.put("type", "HostPath")
                .putObject("hostPath")
                .put("path", source.path("path").asText())
                .put("type", isLocal ? "Directory" : source.path("type").asText());
        return volume;
    }

    /// Whether a Volume was made for a claim that is bound to one of them.
    static boolean isLead(ApiObject claim, ApiObject volume) {
        return ClaimObjects.isMadeFor(claim, volume) && !VolumeStorage.isManaged(volume);
    }

    /// Whether the data of a Volume are those of this one.
    static boolean leadsTo(ApiObject volume, ApiObject claim, ApiObject persistent) {
        return isLead(claim, volume)
                && place(volume(claim, persistent).path("spec")).equals(place(volume.spec()));
    }

    /// What says where the data are. How they are mounted does not: that may change.
    private static List<JsonNode> place(JsonNode spec) {
        JsonNode nfs = spec.path("nfs").deepCopy();
        if (nfs instanceof ObjectNode export) {
            export.remove("options");
        }
        return List.of(spec.path("type"), spec.path("hostPath"), nfs);
    }

    /// What makes it the claim's.
    static ObjectNode binding(ApiObject claim, ApiObject persistent) {
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        ObjectNode metadata = patch.putObject("metadata");
        metadata.put("resourceVersion", Long.toString(persistent.resourceVersion()));
        if (isFree(persistent)) {
            metadata.putObject("annotations").put("pv.kubernetes.io/bound-by-controller", "yes");
        }
        patch.putObject("spec")
                .putObject("claimRef")
                .put("apiVersion", "v1")
                .put("kind", "PersistentVolumeClaim")
                .put("namespace", claim.namespace())
                .put("name", claim.name())
                .put("uid", claim.uid());
        return patch;
    }

    static ObjectNode boundStatus(ApiObject persistent) {
        ObjectNode status = ClaimObjects.phase("Bound");
        status.set("accessModes", persistent.spec().path("accessModes"));
        status.set("capacity", persistent.spec().path("capacity"));
        return status;
    }
}
