package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.space.Inventory;
import dev.slipway.actor.space.Inventory.Candidate;
import dev.slipway.actor.space.Inventory.Content;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Finds out which Images may go, and what goes with them. Pure.
final class ImageInventory {
    private final List<ApiObject> objects;
    private final Map<String, Long> layerBytes = new HashMap<>();

    /// @param objects every Image
    ImageInventory(List<ApiObject> objects) {
        this.objects = List.copyOf(objects);
        for (ApiObject object : objects) {
            for (JsonNode layer : object.status().path("layers")) {
                layerBytes.put(
                        layer.path("diffID").asText(), layer.path("bytes").asLong());
            }
        }
    }

    /// Those that nobody needs and that may go. One that the status does not call unused yet gets there first.
    List<ApiObject> candidates(ImageNeeds needs) {
        return objects.stream()
                .filter(object -> object.deletionTimestamp().isEmpty()
                        && ImageObjects.mayBeCollected(object)
                        && !ImageObjects.isCollected(object)
                        && !object.status().path("unusedSince").asText().isEmpty()
                        && !needs.isNeeded(object))
                .toList();
    }

    /// Those whose status does not say whether somebody needs them, as it is now.
    List<ObjectKey> outdated(ImageNeeds needs) {
        return objects.stream()
                .filter(object -> object.status().path("digest").isTextual()
                        && needs.isNeeded(object)
                                == object.status().path("unusedSince").isTextual())
                .map(object -> ImageObjects.imageKey(object.name()))
                .toList();
    }

    /// @param isHeld whether something else than a candidate holds an image
    Inventory of(List<ApiObject> candidates, Collection<LocalImage> present, Predicate<LocalImage> isHeld) {
        List<Content> contents = new ArrayList<>();
        for (LocalImage image : present) {
            Set<String> holders = candidates.stream()
                    .filter(candidate -> holds(candidate, image))
                    .map(ApiObject::name)
                    .collect(Collectors.toSet());
            contents.add(new Content(image.digest(), parts(image), holders, isHeld.test(image)));
        }
        return new Inventory(candidates.stream().map(ImageInventory::candidate).toList(), contents);
    }

    private static Candidate candidate(ApiObject object) {
        return new Candidate(
                object.name(),
                Instant.parse(object.status().path("unusedSince").asText()),
                ImageObjects.minimumAge(object));
    }

    private static boolean holds(ApiObject object, LocalImage image) {
        return ImageObjects.digest(object).filter(image.digest()::equals).isPresent()
                || ImageObjects.ownName(object).filter(image.names()::contains).isPresent();
    }

    /// A layer that is not packed has one digest for its blob and its tree.
    private Map<Digest, Long> parts(LocalImage image) {
        Map<Digest, Long> parts = new HashMap<>();
        add(parts, image.descriptor());
        add(parts, image.manifest().config());
        Set.copyOf(image.manifest().layers()).forEach(layer -> add(parts, layer));
        for (DiffId layer : Set.copyOf(image.layers())) {
            parts.merge(layer.digest(), layerBytes.getOrDefault(layer.toString(), 0L), Long::sum);
        }
        return parts;
    }

    private static void add(Map<Digest, Long> parts, Descriptor blob) {
        parts.merge(blob.digest(), blob.sizeBytes(), Long::sum);
    }
}
