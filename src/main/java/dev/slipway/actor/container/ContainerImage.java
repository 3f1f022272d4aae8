package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import java.util.Optional;
import java.util.function.Function;

/// What a Container shall run, as far as that is known now.
sealed interface ContainerImage {
    GroupResource IMAGES = new GroupResource(OwnGroup.GROUP, "images");
    GroupResource TAGS = new GroupResource(OwnGroup.GROUP, "tags");

    /// @param reference to write into the Pod; that of an `imageFrom` has the digest that the object has now
    record Known(String reference) implements ContainerImage {}

    /// @param message why the object in `imageFrom` cannot be run yet
    record Awaited(String message) implements ContainerImage {}

    /// Chooses by `image` or `imageFrom`. An object that is being rebuilt is waited for, so that a change of image
    /// and container together leads to one new pod and not to two.
    ///
    /// @param objects looks objects up
    static ContainerImage of(ApiObject container, Function<ObjectKey, Optional<ApiObject>> objects) {
        Optional<ObjectKey> source = source(container);
        if (source.isEmpty()) {
            return new Known(container.spec().path("image").asText());
        }
        String words = container.spec().path("imageFrom").path("kind").asText("Image") + " "
                + source.get().name();
        Optional<ApiObject> found = objects.apply(source.get());
        if (found.isEmpty()) {
            return new Awaited(words + " does not exist");
        }
        ApiObject object = found.get();
        String digest = object.status().path("digest").asText();
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

    /// The object in `imageFrom`, if that is how the image is given.
    static Optional<ObjectKey> source(ApiObject container) {
        JsonNode from = container.spec().path("imageFrom");
        if (!from.isObject()) {
            return Optional.empty();
        }
        GroupResource resource = from.path("kind").asText().equals("Tag") ? TAGS : IMAGES;
        return Optional.of(new ObjectKey(resource, "", from.path("name").asText()));
    }

    /// How people call it: what it was pulled as, what the tag is, else the name of the object.
    private static String name(ApiObject object) {
        if (object.kind().equals("Tag")) {
            return object.spec().path("repository").asText() + ":"
                    + object.spec().path("tag").asText("latest");
        }
        String pulled = object.spec().at("/source/pull/reference").asText(object.name());
        int digest = pulled.indexOf('@');
        return digest < 0 ? pulled : pulled.substring(0, digest);
    }
}
