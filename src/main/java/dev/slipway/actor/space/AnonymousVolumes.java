package dev.slipway.actor.space;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.desired.store.ObjectStore;

/// Volumes that go by themselves: those made for paths that images declare, and those that say so. Pure, but for looks
/// into the store.
public final class AnonymousVolumes {
    private static final String POLICY = "DeleteWhenUnused";
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final GroupResource CONTAINERS = new GroupResource(OwnGroup.GROUP, "containers");

    private AnonymousVolumes() {}

    /// Whether a Volume is one of them.
    public static boolean is(ApiObject volume) {
        return volume.annotations().containsKey(PodAnnotations.IMAGE_PATH) || goesWhenUnused(volume);
    }

    public static boolean goesWhenUnused(ApiObject volume) {
        return volume.spec().path("reclaimPolicy").asText().equals(POLICY);
    }

    /// Whether it has no owner, no pod claims it, and no Container names it, be it stopped.
    public static boolean isUnused(ApiObject volume, ObjectStore store) {
        return volume.metadata().path("ownerReferences").isEmpty()
                && store.list(PODS, volume.namespace()).items().stream()
                        .noneMatch(pod -> PodClaims.all(pod).contains(volume.name()))
                && store.list(CONTAINERS, volume.namespace()).items().stream()
                        .noneMatch(container -> names(container, volume.name()));
    }

    /// Whether it is one of them and may go: nobody uses it, and somebody has, or its owner has gone. One that was
    /// made a moment ago waits for its first user.
    public static boolean isLeft(ApiObject volume, ObjectStore store) {
        boolean hadUser = volume.annotations().containsKey(PodAnnotations.IMAGE_PATH) || wasUsed(volume);
        return is(volume) && hadUser && isUnused(volume, store);
    }

    /// Whether a Container names the Volume.
    public static boolean names(ApiObject container, String name) {
        for (JsonNode volume : container.spec().path("volumes")) {
            if (volume.at("/volume/name").asText().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /// Whether somebody has used it, as far as its status knows.
    public static boolean wasUsed(ApiObject volume) {
        return !volume.status().path("mountedBy").isEmpty()
                || volume.status().path("unusedSince").isTextual();
    }
}
