package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.build.BuildPlan;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/// Which Images objects need at one moment: pods and Containers those that they run from and name, Volumes those that
/// they are still to be filled from, Tags those that they follow, point at and can go back to, ReplicaSets those that
/// their templates are bound to, builds those that they stand on. That an Image is declared is no need.
///
/// @param names of images
/// @param objects names of Image objects
/// @param digests of manifests
record ImageNeeds(ImageUsers users, Set<Reference> names, Set<String> objects, Set<Digest> digests) {
    /// @param buildsOn the names of images that an Image is built from
    static ImageNeeds of(ObjectStore store, ImageUsers users, Function<ApiObject, Set<String>> buildsOn) {
        ImageNeeds needs = new ImageNeeds(users, new HashSet<>(), new HashSet<>(), new HashSet<>());
        store.list(ImageObjects.PODS, "").items().forEach(pod -> needs.names.addAll(ImageUsers.names(pod)));
        store.list(ImageObjects.CONTAINERS, "").items().forEach(needs::addContainer);
        store.list(ImageObjects.VOLUMES, "").items().forEach(volume -> ImageObjects.awaited(volume)
                .ifPresent(needs.names::add));
        store.list(ImageObjects.TAGS, "").items().forEach(needs::addTag);
        store.list(ImageObjects.REPLICA_SETS, "").items().forEach(set -> needs.digests.addAll(ImageObjects.bound(set)));
        for (ApiObject image : store.list(ImageObjects.IMAGES, "").items()) {
            if (!ImageObjects.isCollected(image)) {
                buildsOn.apply(image).forEach(needs::addBase);
            }
        }
        return needs;
    }

    private void addContainer(ApiObject container) {
        ImageObjects.parse(container.spec().path("image").asText()).ifPresent(names::add);
        JsonNode from = container.spec().path("imageFrom");
        if (from.path("kind").asText().equals("Image")) {
            objects.add(from.path("name").asText());
        }
    }

    private void addTag(ApiObject tag) {
        digests.addAll(ImageObjects.history(tag));
        JsonNode target = tag.spec().path("target");
        Digest.parse(target.path("digest").asText()).ifPresent(digests::add);
        String object = target.path("image").path("name").asText();
        if (!object.isEmpty()) {
            objects.add(object);
        }
    }

    private void addBase(String name) {
        String object = BuildPlan.objectOf(name);
        if (object.isEmpty()) {
            ImageObjects.parse(name).ifPresent(names::add);
        } else {
            objects.add(object);
        }
    }

    /// Whether anything needs the Image, or the content that it shows.
    boolean isNeeded(ApiObject image) {
        return objects.contains(image.name())
                || ImageObjects.ownName(image).filter(names::contains).isPresent()
                || ImageObjects.digest(image)
                        .or(() -> ImageObjects.ownName(image).flatMap(Reference::pin))
                        .filter(digest -> digests.contains(digest) || users.isUsed(digest))
                        .isPresent();
    }

    /// Whether a change of a Container or a Tag may concern what it needs of an Image.
    static boolean isOf(ApiObject object, ApiObject image) {
        ImageNeeds needs = new ImageNeeds(ImageUsers.NONE, new HashSet<>(), new HashSet<>(), new HashSet<>());
        if (object.kind().equals("Container")) {
            needs.addContainer(object);
        } else {
            needs.addTag(object);
        }
        return needs.isNeeded(image);
    }
}
