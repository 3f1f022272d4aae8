package dev.slipway.desired.kind.slipway;

import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.kubernetes.ClaimKind;
import dev.slipway.desired.kind.kubernetes.ContentKind;
import dev.slipway.desired.kind.kubernetes.EventKind;
import dev.slipway.desired.kind.kubernetes.NamespaceKind;
import dev.slipway.desired.kind.kubernetes.PodKind;
import dev.slipway.desired.kind.kubernetes.SimpleKind;
import dev.slipway.desired.kind.kubernetes.StorageKinds;
import dev.slipway.desired.kind.workload.DeploymentKind;
import dev.slipway.desired.kind.workload.ReplicaSetKind;
import java.util.List;

/// Every kind that Slipway serves.
public final class Catalog {
    private Catalog() {}

    /// A fresh list; kinds have no state.
    public static Kinds kinds() {
        return new Kinds(List.of(
                new NamespaceKind(),
                new PodKind(),
                new ReplicaSetKind(),
                new DeploymentKind(),
                ContentKind.configMap(),
                ContentKind.secret(),
                new EventKind(),
                new ClaimKind(),
                StorageKinds.persistentVolume(),
                StorageKinds.storageClass(),
                SimpleKind.node(),
                SimpleKind.serviceAccount(),
                new ContainerKind(),
                new ImageKind(),
                new TagKind(),
                new VolumeKind(),
                new SnapshotKind(),
                new RegistryKind(),
                new SyncKind()));
    }
}
