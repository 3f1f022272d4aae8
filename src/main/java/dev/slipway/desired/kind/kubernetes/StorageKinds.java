package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;

/// Kinds around claims that need no rules of their own.
public final class StorageKinds {
    /// Marks the class of claims that name none.
    public static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

    private StorageKinds() {}

    /// What a claim has. Slipway writes them to be looked at; the data are behind a `Volume`.
    public static Kind persistentVolume() {
        return new SimpleKind(
                new KindName("", "v1", "PersistentVolume", "persistentvolumes", List.of("pv"), Scope.CLUSTER),
                PersistentVolume.class,
                true,
                List.of("spec"),
                List.of(
                        Column.text("Capacity", "What was asked for.", "/spec/capacity/storage"),
                        Column.computed(
                                "Access Modes",
                                "How it may be used.",
                                (volume, now) ->
                                        ClaimKind.shortModes(volume.spec().path("accessModes"))),
                        Column.text(
                                "Reclaim Policy",
                                "What becomes of the data with the claim.",
                                "/spec/persistentVolumeReclaimPolicy"),
                        Column.text("Status", "Bound, Released or Available.", "/status/phase"),
                        Column.computed("Claim", "Whose it is.", (volume, now) -> claim(volume)),
                        Column.text("StorageClass", "What made it.", "/spec/storageClassName"),
                        Column.text("Reason", "Why it is so.", "/status/reason"),
                        Column.AGE,
                        Column.text("VolumeMode", "Filesystem or Block.", "/spec/volumeMode")
                                .wide()));
    }

    /// How volumes are made for claims.
    public static Kind storageClass() {
        return new SimpleKind(
                new KindName("storage.k8s.io", "v1", "StorageClass", "storageclasses", List.of("sc"), Scope.CLUSTER),
                StorageClass.class,
                false,
                List.of(),
                List.of(
                        Column.text("Provisioner", "Who makes the volumes.", "/provisioner"),
                        Column.text("ReclaimPolicy", "What becomes of the data with the claim.", "/reclaimPolicy"),
                        Column.text("VolumeBindingMode", "When they are made.", "/volumeBindingMode"),
                        Column.computed("AllowVolumeExpansion", "Whether they may grow.", (object, now) -> object.tree()
                                .path("allowVolumeExpansion")
                                .asBoolean()),
                        Column.AGE));
    }

    private static String claim(ApiObject volume) {
        var claim = volume.spec().path("claimRef");
        return claim.isMissingNode()
                ? ""
                : claim.path("namespace").asText() + "/" + claim.path("name").asText();
    }
}
