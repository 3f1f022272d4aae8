package dev.slipway.actor.image;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.store.ObjectStore;
import java.util.Collection;
import java.util.List;

/// Sees to it that a changed Secret is tried at once by those who were refused with it: pods and Images. Registries
/// hear of it themselves. Thread-safe.
final class PullSecretController implements Controller {
    private final ObjectStore store;
    private final PodImageDesk desk;
    private final ImageRoom room;

    PullSecretController(ObjectStore store, PodImageDesk desk, ImageRoom room) {
        this.store = store;
        this.desk = desk;
        this.room = room;
    }

    @Override
    public GroupResource resource() {
        return ImageObjects.SECRETS;
    }

    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        desk.changed(key);
        for (ApiObject image : store.list(ImageObjects.IMAGES, "").items()) {
            if (names(image, key)) {
                ObjectKey imageKey = ImageObjects.imageKey(image.name());
                room.errands().forgive(imageKey);
                room.touched().accept(imageKey);
            }
        }
        return Result.SETTLED;
    }

    private static boolean names(ApiObject image, ObjectKey secret) {
        var named = image.spec().at("/source/pull/secretRef");
        return named.path("name").asText().equals(secret.name())
                && named.path("namespace").asText("default").equals(secret.namespace());
    }
}
