package dev.slipway.actor.image;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Which Images of this host have layers in common, by what their statuses say. Pure, but for reading the store.
final class SharedLayers {
    private SharedLayers() {}

    /// The other Images that have a layer of `image`, sorted; layers that none has are not there.
    static Map<DiffId, List<String>> of(ObjectStore store, ApiObject object, LocalImage image) {
        Map<DiffId, List<String>> shared = new HashMap<>();
        for (ApiObject other : others(store, object)) {
            Set<String> layers = layers(other);
            for (DiffId layer : new HashSet<>(image.layers())) {
                if (layers.contains(layer.toString())) {
                    shared.merge(layer, List.of(other.name()), SharedLayers::both);
                }
            }
        }
        return shared;
    }

    private static List<String> both(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).sorted().toList();
    }

    /// The Images that had a layer in common with `before`, or have one with the same object now.
    static List<ObjectKey> concerned(ObjectStore store, ApiObject before) {
        Set<String> layers = layers(before);
        store.get(ImageObjects.imageKey(before.name())).ifPresent(now -> layers.addAll(layers(now)));
        return others(store, before).stream()
                .filter(other -> !Collections.disjoint(layers(other), layers))
                .map(other -> ImageObjects.imageKey(other.name()))
                .toList();
    }

    private static List<ApiObject> others(ObjectStore store, ApiObject object) {
        return store.list(ImageObjects.IMAGES, "").items().stream()
                .filter(other -> !other.name().equals(object.name()))
                .toList();
    }

    private static Set<String> layers(ApiObject image) {
        Set<String> layers = new HashSet<>();
        image.status()
                .path("layers")
                .forEach(layer -> layers.add(layer.path("diffID").asText()));
        return layers;
    }
}
