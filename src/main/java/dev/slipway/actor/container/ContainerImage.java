package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.tag.TagConsumers;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.util.Optional;

/// What a Container shall run, as far as that is known now.
sealed interface ContainerImage {
    GroupResource IMAGES = new GroupResource(OwnGroup.GROUP, "images");
    GroupResource TAGS = new GroupResource(OwnGroup.GROUP, "tags");

    /// @param reference to write into the Pod; that of an `imageFrom` has the digest that the object has now
    record Known(String reference) implements ContainerImage {}

    /// @param message why the object in `imageFrom` cannot be run yet
    record Awaited(String message) implements ContainerImage {}

    /// The Pod that runs goes on until the image of the next one is here.
    ///
    /// @param reason as of a container that waits for its image, or that it is being fetched
    record Fetched(String reason, String message) implements ContainerImage {}

    /// Chooses by `image` or `imageFrom`. An object that is being rebuilt is waited for, so that a change of image
    /// and container together leads to one new pod and not to two. An `image` that a Tag has as its name is the
    /// Tag's.
    static ContainerImage of(ApiObject container, ObjectStore store) {
        Optional<ObjectKey> source = source(container).or(() -> TagConsumers.named(
                        store, container.spec().path("image").asText())
                .map(tag -> new ObjectKey(TAGS, "", tag.name())));
        if (source.isEmpty()) {
            return new Known(container.spec().path("image").asText());
        }
        String words = source.get().resource().equals(TAGS)
                ? "Tag " + source.get().name()
                : "Image " + source.get().name();
        Optional<ApiObject> found = store.get(source.get());
        if (found.isEmpty()) {
            return new Awaited(words + " does not exist");
        }
        ApiObject object = found.get();
        String digest = digest(container, object);
        if (object.deletionTimestamp().isPresent()) {
            return new Awaited(words + " is being deleted");
        }
        if (!Conditions.isTrue(object.status(), "Ready") || digest.isEmpty()) {
            String why = Conditions.find(object.status(), "Ready")
                    .map(Condition::message)
                    .filter(message -> !message.isEmpty())
                    .map(message -> ": " + message)
                    .orElse("");
            return new Awaited(words + " is not ready" + why);
        }
        if (object.status().path("observedGeneration").asLong(object.generation()) < object.generation()) {
            return new Awaited(words + " has changed and is being made");
        }
        return new Known(name(object) + "@" + digest);
    }

    /// What the object points at; where a Tag does not roll, what the container has been made of stays.
    private static String digest(ApiObject container, ApiObject object) {
        String ran = container.status().at("/image/digest").asText();
        boolean stays = object.kind().equals("Tag")
                && object.spec().at("/rollout/mode").asText().equals("Never")
                && !ran.isEmpty()
                && isOf(container, object);
        return stays ? ran : object.status().path("digest").asText();
    }

    /// Whether what the container was made of last was the object's.
    private static boolean isOf(ApiObject container, ApiObject tag) {
        return container.status().at("/image/reference").asText().startsWith(name(tag) + "@");
    }

    /// The object in `imageFrom`, if that is how the image is given.
    static Optional<ObjectKey> source(ApiObject container) {
        JsonNode from = container.spec().path("imageFrom");
        if (!from.isObject()) {
            return Optional.empty();
        }
        GroupResource resource = from.path("kind").asText().equals("Tag") ? TAGS : IMAGES;
        return Optional.of(new ObjectKey(resource, "", from.path("name").asText()));
    }

    /// The same in words: `Tag/web`.
    static Optional<String> from(ApiObject container) {
        return source(container).map(key -> (key.resource().equals(TAGS) ? "Tag/" : "Image/") + key.name());
    }

    /// Whether an image that was run is what a Container says.
    ///
    /// @param from what the image was taken from, as of [#from]; empty also in pods that were made before they said
    ///     so: these are known by what the object is called, as images mostly are, and by the digest that an image
    ///     from an object always has
    static boolean isOf(ApiObject container, String image, Optional<String> from) {
        Optional<String> wanted = from(container);
        if (wanted.isPresent() && from.isPresent()) {
            return wanted.equals(from);
        }
        JsonNode spec = container.spec();
        return wanted.isPresent()
                ? isPinned(image)
                        && isNamed(unpinned(image), spec.at("/imageFrom/name").asText())
                : isNamed(image, spec.path("image").asText());
    }

    /// Whether an image is called so; a Tag of that name may have bound it to a digest.
    private static boolean isNamed(String image, String said) {
        try {
            Reference found = Reference.parse(image);
            Reference named = Reference.parse(said);
            boolean isBound = named.pin().isPresent()
                    ? named.pin().equals(found.pin())
                    : named.tag().equals(found.tag());
            return isBound && named.repository().equals(found.repository());
        } catch (InvalidReferenceException e) {
            // What an object is called is not always a reference.
            return image.equals(said);
        }
    }

    /// How people call it: what it was pulled as, what the tag is, else the name of the object.
    private static String name(ApiObject object) {
        if (object.kind().equals("Tag")) {
            return object.spec().path("repository").asText() + ":"
                    + object.spec().path("tag").asText("latest");
        }
        return unpinned(object.spec().at("/source/pull/reference").asText(object.name()));
    }

    private static boolean isPinned(String reference) {
        return reference.indexOf('@') >= 0;
    }

    private static String unpinned(String reference) {
        int digest = reference.indexOf('@');
        return digest < 0 ? reference : reference.substring(0, digest);
    }
}
