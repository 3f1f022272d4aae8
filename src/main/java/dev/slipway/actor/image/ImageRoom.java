package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.space.ImageCollector;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.oci.Reference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What the controllers of this room share.
///
/// @param users who runs from what, now
/// @param needs who needs what, now
/// @param touched gives an object a round
/// @param renamed told of a name that points at another image, or whose image is another matter now
record ImageRoom(
        ImageErrands errands,
        ImageErrandWork work,
        ImageGarbage garbage,
        ImageSources sources,
        LocalNames names,
        PullMeter.Meters meters,
        Supplier<ImageUsers> users,
        Supplier<ImageNeeds> needs,
        ImageCollector collector,
        ImplicitImages implicit,
        Consumer<ObjectKey> touched,
        Consumer<Reference> renamed) {
    /// Whether the object has to be here, now.
    ImageView.Keep keep(ApiObject object) {
        return new ImageView.Keep(
                needs.get().isNeeded(object),
                ImageObjects.isCollected(object),
                collector.due(object.name()).orElse(null),
                ImageObjects.ownName(object).flatMap(meters::find).isPresent());
    }

    void nameChanged(Reference name) {
        renamed.accept(name);
    }

    /// Takes the finalizers of the kind off an object that is being deleted.
    static void release(ObjectApi objects, Kind kind, ApiObject object) throws ApiException {
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        ObjectNode metadata = changes.putObject("metadata").put("resourceVersion", "" + object.resourceVersion());
        ArrayNode kept = metadata.putArray("finalizers");
        object.finalizers().stream()
                .filter(each -> !kind.finalizers().contains(each))
                .forEach(kept::add);
        objects.patch(
                kind,
                Kinds.key(kind, object.namespace(), object.name()),
                new Patch.Merge(changes),
                WriteOptions.by(""));
    }
}
