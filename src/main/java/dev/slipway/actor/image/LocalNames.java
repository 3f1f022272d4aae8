package dev.slipway.actor.image;

import dev.slipway.actor.tag.TagTargets;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds out whom a name belongs to: a Tag, an Image that is built here, or nobody, so that registries may be asked.
final class LocalNames {
    /// Why an object may not be ready and become so by itself.
    private static final Set<String> WAITING = Set.of("Progressing", "DependencyNotReady", "Collected");

    private final ObjectStore store;
    private final Images images;

    LocalNames(ObjectStore store, Images images) {
        this.store = store;
        this.images = images;
    }

    /// Whose a name is.
    sealed interface Owner {
        /// An object on this host has it, and points at this image.
        record Here(LocalImage image) implements Owner {}

        /// An object on this host has it, and has no image yet.
        ///
        /// @param stalled only a change of that object can help
        record Awaited(String message, boolean stalled) implements Owner {}

        /// No object that makes images has it.
        record Nobody() implements Owner {}
    }

    Owner owner(Reference name) {
        if (name.pin().isPresent()) {
            return images.find(name).<Owner>map(Owner.Here::new).orElse(new Owner.Nobody());
        }
        return tag(name)
                .or(() -> builder(name))
                .map(object -> owner(object, name))
                .orElse(new Owner.Nobody());
    }

    /// Whether an object that makes images has the name, so that no registry is asked for it.
    boolean isTaken(Reference name) {
        return tag(name).isPresent() || builder(name).isPresent();
    }

    /// Whether somebody has declared that an image has the name: not by pushing it, and not by a Tag that follows what
    /// is pushed under it or pushes itself.
    boolean isDeclared(Reference name) {
        boolean isTagged = tags(name).stream()
                .anyMatch(tag -> !ImageObjects.isImplicit(tag)
                        && !TagTargets.isOf(tag, name)
                        && tag.spec().path("push").isEmpty());
        return isTagged || builder(name).isPresent();
    }

    /// Whether another Image is called that, or a Tag has the name.
    boolean isTakenByAnother(Reference name, ApiObject except) {
        return tag(name).isPresent()
                || store.list(ImageObjects.IMAGES, "").items().stream()
                        .filter(image -> !image.name().equals(except.name()))
                        .anyMatch(image ->
                                ImageObjects.ownName(image).filter(name::equals).isPresent());
    }

    /// The Tag that has the name; the oldest where several claim it.
    Optional<ApiObject> tag(Reference name) {
        return tags(name).stream().findFirst();
    }

    /// Every Tag that claims the name, the oldest first.
    List<ApiObject> tags(Reference name) {
        return store.list(ImageObjects.TAGS, "").items().stream()
                .filter(tag -> ImageObjects.tagName(tag).filter(name::equals).isPresent())
                .sorted(Comparator.comparing((ApiObject tag) ->
                                tag.metadata().path("creationTimestamp").asText())
                        .thenComparing(ApiObject::name))
                .toList();
    }

    /// The Image that is built under the name.
    private Optional<ApiObject> builder(Reference name) {
        return store.list(ImageObjects.IMAGES, "").items().stream()
                .filter(ImageObjects::isMadeHere)
                .filter(image ->
                        ImageObjects.ownName(image).filter(name::equals).isPresent())
                .findFirst();
    }

    /// A Tag keeps its image until it has another one; an Image that is being made anew is waited for.
    private Owner owner(ApiObject object, Reference name) {
        Optional<LocalImage> image = ImageObjects.digest(object).flatMap(images::find);
        boolean current = object.status().path("observedGeneration").asLong() == object.generation();
        boolean fulfilled = current && Conditions.isTrue(object.status(), "Ready");
        if (image.isPresent() && (fulfilled || object.kind().equals("Tag"))) {
            return new Owner.Here(image.get());
        }
        String why = Conditions.find(object.status(), "Ready")
                .map(Condition::message)
                .filter(message -> !message.isEmpty())
                .map(message -> ": " + message)
                .orElse("");
        String message = "%s %s, which has the name %s, is not ready%s"
                .formatted(object.kind(), object.name(), name.familiar(), why);
        // One that has gone because nobody needed it comes again, now that somebody does.
        boolean failed = current
                && Conditions.find(object.status(), "Ready")
                        .filter(ready -> !WAITING.contains(ready.reason()))
                        .isPresent();
        return new Owner.Awaited(message, failed || Conditions.isTrue(object.status(), "Stalled"));
    }
}
