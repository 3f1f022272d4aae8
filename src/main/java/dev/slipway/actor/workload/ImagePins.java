package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.PinnedImages;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.model.PodAnnotations;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Decides which images the template of a Deployment is bound to, where Tags have the names that it uses. Pure.
///
/// ```
/// not bound, or to another name                     -> to where the Tag stands; if nowhere: awaited
/// bound, and the Tag has moved since                -> to where it stands, unless the Tag does not roll
/// bound, and not noted where the Tag stood          -> stays until it moves: `rollout undo` leads here
/// bound, and no Tag has the name any more           -> stays
/// ```
///
/// The binding is part of the template, so a moved Tag is a rollout like any other: in steps, and with a place in the
/// history that leads back to the same bytes.
///
/// @param pinned for the template
/// @param followed for the Deployment: where the Tags stood when the template was last brought up to them
/// @param awaited why a container cannot be bound to anything yet
record ImagePins(PinnedImages pinned, PinnedImages followed, Optional<String> awaited) {
    /// @param tags finds the Tag that has an image's name
    static ImagePins of(ApiObject deployment, Function<String, Optional<ApiObject>> tags) {
        PinnedImages pinned = PinnedImages.of(deployment.spec().path("template"));
        PinnedImages followed = PinnedImages.parse(noted(deployment));
        Map<String, String> toPin = new TreeMap<>();
        Map<String, String> toFollow = new TreeMap<>();
        Optional<String> awaited = Optional.empty();
        for (ObjectNode container : PinnedImages.containers(deployment.spec().at("/template/spec"))) {
            String name = container.path("name").asText();
            String image = container.path("image").asText();
            Pin pin = Pin.of(image, pinned.of(name, image), followed.of(name, image), tags.apply(image));
            pin.pinned().ifPresent(each -> toPin.put(name, each));
            pin.followed().ifPresent(each -> toFollow.put(name, each));
            awaited = awaited.or(pin::awaited);
        }
        return new ImagePins(new PinnedImages(toPin), new PinnedImages(toFollow), awaited);
    }

    /// What becomes of one container's image.
    private record Pin(Optional<String> pinned, Optional<String> followed, Optional<String> awaited) {
        static Pin of(String image, Optional<String> pinned, Optional<String> followed, Optional<ApiObject> tag) {
            String digest =
                    tag.map(each -> each.status().path("digest").asText()).orElse("");
            if (digest.isEmpty()) {
                return new Pin(pinned, followed, pinned.isPresent() ? Optional.empty() : tag.map(Pin::words));
            }
            Optional<String> now = Optional.of(image + "@" + digest);
            boolean isFixed = tag.filter(Pin::isFixed).isPresent();
            boolean stays = pinned.isPresent() && (followed.isEmpty() || isFixed || followed.equals(now));
            return new Pin(stays ? pinned : now, isFixed ? followed.or(() -> now) : now, Optional.empty());
        }

        private static boolean isFixed(ApiObject tag) {
            return tag.spec().at("/rollout/mode").asText().equals("Never");
        }

        private static String words(ApiObject tag) {
            return "Tag " + tag.name() + " points at no image yet";
        }
    }

    /// The merge patch that brings the Deployment there; empty when it is.
    ObjectNode changes(ApiObject deployment) {
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        JsonNode template = deployment.spec().path("template");
        String bound = template.at("/metadata/annotations")
                .path(PodAnnotations.PINNED_IMAGES)
                .asText();
        if (!bound.equals(pinned.text())) {
            put(changes.withObject("/spec/template/metadata/annotations"), PodAnnotations.PINNED_IMAGES, pinned);
        }
        if (!noted(deployment).equals(followed.text())) {
            put(changes.withObject("/metadata/annotations"), PodAnnotations.FOLLOWED_IMAGES, followed);
        }
        return changes;
    }

    private static String noted(ApiObject deployment) {
        return deployment.annotations().getOrDefault(PodAnnotations.FOLLOWED_IMAGES, "");
    }

    private static void put(ObjectNode annotations, String name, PinnedImages images) {
        if (images.byContainer().isEmpty()) {
            annotations.putNull(name);
        } else {
            annotations.put(name, images.text());
        }
    }
}
