package dev.slipway.actor.volume;

import dev.slipway.desired.kind.kubernetes.StorageKinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.store.ObjectStore;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The classes that there are, and which one a claim has. Pure.
record StorageClasses(List<ApiObject> all) {
    /// Who makes volumes here.
    static final String PROVISIONER = "slipway.dev/local";

    private static final GroupResource CLASSES = new GroupResource("storage.k8s.io", "storageclasses");

    static StorageClasses of(ObjectStore store) {
        return new StorageClasses(store.list(CLASSES, "").items());
    }

    /// The one that the claim names; where it names none, the default, and of several the youngest.
    Optional<ApiObject> of(ApiObject claim) {
        if (claim.spec().has("storageClassName")) {
            String name = claim.spec().path("storageClassName").asText();
            return all.stream().filter(each -> each.name().equals(name)).findFirst();
        }
        return all.stream()
                .filter(each -> "true".equals(each.annotations().get(StorageKinds.DEFAULT_CLASS)))
                .max(Comparator.comparing(
                        each -> each.metadata().path("creationTimestamp").asText()));
    }

    /// Its name, be it of one that is not there; empty for none.
    String name(ApiObject claim) {
        return claim.spec().has("storageClassName")
                ? claim.spec().path("storageClassName").asText()
                : of(claim).map(ApiObject::name).orElse("");
    }

    /// Why no volume can be made for a claim; empty if one can.
    Optional<String> obstacle(ApiObject claim) {
        String name = claim.spec().path("storageClassName").asText();
        Optional<ApiObject> found = of(claim);
        if (found.isEmpty() && name.isEmpty()) {
            return Optional.of("no persistent volumes available for this claim and no storage class is set");
        }
        if (found.isEmpty()) {
            return Optional.of("storageclass.storage.k8s.io \"%s\" not found".formatted(name));
        }
        String provisioner = found.get().tree().path("provisioner").asText();
        return provisioner.equals(PROVISIONER)
                ? Optional.empty()
                : Optional.of(("Waiting for a volume to be created either by the external provisioner '%s'"
                                + " or manually by the system administrator")
                        .formatted(provisioner));
    }

    /// What sort of obstacle it is.
    Reason reason(ApiObject claim) {
        if (of(claim).isPresent()) {
            return Reason.EXTERNAL_PROVISIONING;
        }
        return claim.spec().path("storageClassName").asText().isEmpty()
                ? Reason.FAILED_BINDING
                : Reason.PROVISIONING_FAILED;
    }

    boolean letsGrow(ApiObject claim) {
        return of(claim)
                .map(found -> found.tree().path("allowVolumeExpansion").asBoolean())
                .orElse(false);
    }

    static String reclaimPolicy(ApiObject storageClass) {
        return storageClass.tree().path("reclaimPolicy").asText("Delete");
    }
}
