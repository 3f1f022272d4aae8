package dev.slipway.actor.tag;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds out where Tags shall point, and has registries asked for what is not known or not here.
///
/// ```
/// rollbackTo, else target.digest -> on this host: that one
///                                -> elsewhere: pulled from where the Tag has its images from
/// target.follow                  -> what the registry had when it was asked last
/// target.image                   -> what the Image has
/// ```
public final class TagTargets {
    private static final GroupResource IMAGES = new GroupResource(OwnGroup.GROUP, "images");

    private final ObjectStore store;
    private final Images images;
    private final TagFollows follows;
    private final Function<Reference, Optional<ApiObject>> owner;

    /// @param owner finds the Tag that has a name
    public TagTargets(
            ObjectStore store, Images images, TagFollows follows, Function<Reference, Optional<ApiObject>> owner) {
        this.store = store;
        this.images = images;
        this.follows = follows;
        this.owner = owner;
    }

    /// What is known of a target.
    ///
    /// @param sighting what a registry said last; null where none was asked, or has not answered yet
    public record Known(TagTarget target, @Nullable Sighting sighting) {}

    /// Looks, and asks again if it is time.
    public Known look(ObjectKey key, ApiObject tag) {
        Sighting sighting = wanted(tag).flatMap(what -> follows.look(key, what)).orElse(null);
        return new Known(target(tag, sighting), sighting);
    }

    /// The round of the Tag is over, and its status shows what was pulled for it.
    public void settled(ObjectKey key, ApiObject tag) {
        if (wanted(tag).isEmpty()) {
            follows.forget(key);
        }
    }

    /// Where the image that a Tag points at came from, as far as that is known.
    ///
    /// @param sighting as [#look] has it
    public ImagePusher.Origin origin(ApiObject tag, @Nullable Sighting sighting) {
        Optional<Digest> pinned = pin(tag);
        Digest remote = sighting == null ? null : sighting.remote();
        boolean isGuess = Following.of(tag).isEmpty() && pinned.isPresent();
        Optional<Digest> index = pinned.filter(this::isIndex)
                .or(() -> Optional.ofNullable(remote))
                .or(() -> source(tag).flatMap(this::pulledAs));
        return new ImagePusher.Origin(index, origin(tag), !isGuess);
    }

    /// A digest of the image itself does not tell of which index it is.
    private boolean isIndex(Digest digest) {
        return images.find(digest)
                .filter(image -> !image.digest().equals(digest))
                .isPresent();
    }

    private Optional<Digest> pulledAs(Reference source) {
        return source.pin().or(() -> images.find(source).flatMap(image -> image.pulledAs(source)));
    }

    private Optional<Repository> origin(ApiObject tag) {
        Optional<Following> following = Following.of(tag);
        if (following.isPresent()) {
            return following.map(what -> what.reference().repository());
        }
        String name = tag.spec().at("/target/image/name").asText();
        Optional<Reference> source = name.isEmpty() ? TagConsumers.name(tag) : source(tag);
        return source.map(Reference::repository);
    }

    /// What the Image that a Tag names is pulled as.
    private Optional<Reference> source(ApiObject tag) {
        String image = tag.spec().at("/target/image/name").asText();
        if (image.isEmpty()) {
            return Optional.empty();
        }
        return store.get(new ObjectKey(IMAGES, "", image)).flatMap(object -> {
            try {
                String reference = object.spec().at("/source/pull/reference").asText();
                return reference.isEmpty() ? Optional.empty() : Optional.of(Reference.parse(reference));
            } catch (InvalidReferenceException e) {
                return Optional.empty();
            }
        });
    }

    /// Whether a Tag may wait for what was pushed as `name`.
    public static boolean concerns(ApiObject tag, Reference name) {
        boolean isOfPin = tag.spec().at("/target/digest").isTextual()
                && TagConsumers.name(tag)
                        .filter(own -> own.repository().equals(name.repository()))
                        .isPresent();
        return isOfPin
                || Following.of(tag)
                        .filter(what -> what.onPush() && what.isAbout(name))
                        .isPresent();
    }

    /// Whether a Tag points at what is found under `name`.
    public static boolean isOf(ApiObject tag, Reference name) {
        return Following.of(tag).filter(what -> what.isAbout(name)).isPresent();
    }

    /// What a registry is asked for: a digest that is pinned and not here, else what is followed.
    private Optional<Following> wanted(ApiObject tag) {
        return pin(tag).filter(digest -> images.find(digest).isEmpty())
                .flatMap(digest -> origin(tag).map(repository -> Following.pinned(repository, digest)))
                .or(() -> Following.of(tag));
    }

    private static Optional<Digest> pin(ApiObject tag) {
        return rollback(tag)
                .or(() -> Digest.parse(tag.spec().at("/target/digest").asText()));
    }

    private static Optional<Digest> rollback(ApiObject tag) {
        return Digest.parse(tag.spec().path("rollbackTo").asText());
    }

    private TagTarget target(ApiObject tag, @Nullable Sighting sighting) {
        Optional<Reference> name = TagConsumers.name(tag);
        if (name.isEmpty()) {
            return new TagTarget.Refused(Reason.INVALID_SPEC, "repository and tag are no name");
        }
        Optional<ApiObject> first = owner.apply(name.get());
        if (first.isPresent() && !first.get().name().equals(tag.name())) {
            return new TagTarget.Refused(
                    Reason.CONFLICT,
                    "Tag %s has the name %s already"
                            .formatted(first.get().name(), name.get().familiar()));
        }
        Optional<Digest> pin = pin(tag);
        if (pin.isPresent()) {
            return pinned(tag, pin.get(), sighting);
        }
        return tag.spec().at("/target/follow").isObject()
                ? followed(tag, sighting)
                : built(tag.spec().at("/target/image/name").asText());
    }

    private TagTarget pinned(ApiObject tag, Digest digest, @Nullable Sighting sighting) {
        Optional<LocalImage> here = images.find(digest);
        if (here.isPresent()) {
            String cause = rollback(tag).isPresent()
                    ? "spec.rollbackTo by " + TagAuthor.ofRollback(tag)
                    : "spec.target.digest by " + TagAuthor.ofPin(tag);
            return new TagTarget.Found(here.get().digest(), cause, true);
        }
        String words = "no image on this host has the digest " + digest;
        Optional<Repository> origin = origin(tag);
        if (origin.isEmpty()) {
            return new TagTarget.Missing(Reason.NOT_FOUND, words);
        }
        return sighting == null || sighting.failure().isEmpty()
                ? new TagTarget.Missing(
                        Reason.PROGRESSING, words + ": asking " + origin.get().familiar())
                : new TagTarget.Missing(Reason.ERR_IMAGE_PULL, words + ": " + sighting.failure());
    }

    /// While a registry does not answer, the tag stays where it is.
    private TagTarget followed(ApiObject tag, @Nullable Sighting sighting) {
        Digest seen = sighting == null ? null : sighting.digest();
        if (seen != null && sighting != null && images.find(seen).isPresent()) {
            return new TagTarget.Found(seen, sighting.name(), false);
        }
        boolean observed = tag.status().path("observedGeneration").asLong() == tag.generation();
        Optional<Digest> current = Digest.parse(tag.status().path("digest").asText())
                .filter(digest -> images.find(digest).isPresent());
        if (observed && current.isPresent()) {
            return new TagTarget.Found(current.get(), "", false);
        }
        return sighting == null || sighting.failure().isEmpty()
                ? new TagTarget.Missing(Reason.PROGRESSING, "asking the registry")
                : new TagTarget.Missing(Reason.REGISTRY_UNAVAILABLE, sighting.failure());
    }

    private TagTarget built(String name) {
        Optional<ApiObject> image = store.get(new ObjectKey(IMAGES, "", name));
        if (image.isEmpty()) {
            return new TagTarget.Missing(Reason.NOT_FOUND, "Image " + name + " does not exist");
        }
        boolean ready = Conditions.isTrue(image.get().status(), "Ready")
                && image.get().status().path("observedGeneration").asLong()
                        == image.get().generation();
        Optional<LocalImage> present =
                Digest.parse(image.get().status().path("digest").asText()).flatMap(images::find);
        return ready && present.isPresent()
                ? new TagTarget.Found(present.get().digest(), "Image " + name, false)
                : new TagTarget.Missing(Reason.DEPENDENCY_NOT_READY, "Image " + name + " is not ready");
    }
}
