package dev.slipway.actor.image;

import dev.slipway.actor.build.BuildPlan;
import dev.slipway.actor.build.BuildPlans;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How Images stand to each other and to what else there is: which of them a change concerns, so that they look again,
/// and which have layers in common. Pure, but for reading the store and what is present.
record ImageRelations(ObjectStore store, Images images, ImageSources sources) {
    /// A pod or container concerns the images that it runs from and names; a Volume the one that it is filled from;
    /// a Tag those that it points at.
    List<ObjectKey> concerned(ApiObject changed) {
        return switch (changed.kind()) {
            case "Pod" -> {
                List<Digest> digests = ImageUsers.mentioned(changed);
                List<Reference> names = ImageUsers.names(changed);
                yield keys(image -> digests.contains(digest(image))
                        || ImageObjects.ownName(image).filter(names::contains).isPresent());
            }
            case "Container" -> {
                String digest = changed.status().at("/image/digest").asText();
                yield keys(image -> ImageNeeds.isOf(changed, image)
                        || !digest.isEmpty()
                                && digest.equals(image.status().path("digest").asText()));
            }
            case "Volume" -> ImageObjects.origin(changed).map(this::named).orElse(List.of());
            case "ConfigMap" ->
                keys(image -> ImageObjects.isBuilt(image)
                        && BuildPlans.configMaps(Objects.requireNonNull(
                                        ImageObjects.source(image).build()))
                                .contains(
                                        new ObjectKey(ImageObjects.CONFIG_MAPS, changed.namespace(), changed.name())));
            case "Tag" -> keys(image -> ImageNeeds.isOf(changed, image));
            default -> List.of();
        };
    }

    /// Those that are called so, or have the image that is.
    private List<ObjectKey> named(Reference name) {
        Digest here = images.find(name).map(LocalImage::digest).orElse(null);
        return keys(image -> ImageObjects.ownName(image).filter(name::equals).isPresent()
                || here != null && here.equals(digest(image)));
    }

    private static @Nullable Digest digest(ApiObject image) {
        return ImageObjects.digest(image).orElse(null);
    }

    /// Those that are built from an Image, and those that have a layer in common with it.
    List<ObjectKey> relatives(ApiObject image) {
        return Stream.concat(keys(other -> isAmong(sources.buildsOn(other), image)).stream(), sharing(image).stream())
                .toList();
    }

    /// The Images that one is built from and that are not here: those that have gone because nobody needed them do
    /// not know that a build does now.
    List<ObjectKey> absentBases(ApiObject built) {
        Set<String> bases = sources.buildsOn(built);
        return keys(image -> isAmong(bases, image) && isAbsent(image));
    }

    private boolean isAbsent(ApiObject image) {
        return ImageObjects.isCollected(image)
                || ImageObjects.digest(image)
                        .filter(digest -> images.find(digest).isEmpty())
                        .isPresent();
    }

    /// @param bases names of images, as plans know them
    private static boolean isAmong(Set<String> bases, ApiObject image) {
        Optional<Reference> own = ImageObjects.ownName(image);
        return bases.contains(BuildPlan.nameOf(image.name()))
                || own.isPresent()
                        && bases.stream()
                                .anyMatch(base -> ImageObjects.parse(base).equals(own));
    }

    /// The other Images that have a layer of `image`, sorted; layers that none has are not there.
    Map<DiffId, List<String>> shared(ApiObject object, LocalImage image) {
        Map<DiffId, List<String>> shared = new HashMap<>();
        for (ApiObject other : others(object)) {
            Set<String> layers = layers(other);
            for (DiffId layer : new HashSet<>(image.layers())) {
                if (layers.contains(layer.toString())) {
                    shared.merge(layer, List.of(other.name()), ImageRelations::both);
                }
            }
        }
        return shared;
    }

    private static List<String> both(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).sorted().toList();
    }

    /// The Images that had a layer in common with `before`, or have one with the same object now.
    private List<ObjectKey> sharing(ApiObject before) {
        Set<String> layers = layers(before);
        store.get(ImageObjects.imageKey(before.name())).ifPresent(now -> layers.addAll(layers(now)));
        return others(before).stream()
                .filter(other -> !Collections.disjoint(layers(other), layers))
                .map(other -> ImageObjects.imageKey(other.name()))
                .toList();
    }

    private List<ApiObject> others(ApiObject object) {
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

    private List<ObjectKey> keys(Predicate<ApiObject> fits) {
        return store.list(ImageObjects.IMAGES, "").items().stream()
                .filter(fits)
                .map(image -> ImageObjects.imageKey(image.name()))
                .toList();
    }
}
