package dev.slipway.actor.image;

import dev.slipway.actor.image.ImageView.Base;
import dev.slipway.actor.image.ImageView.Source;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds out where an Image comes from, and what of that is on this host.
final class ImageSources {
    private final ObjectStore store;
    private final Images images;
    private final LocalNames names;
    private final Function<Reference, Optional<String>> trouble;

    /// @param trouble why pods do not get an image
    ImageSources(ObjectStore store, Images images, LocalNames names, Function<Reference, Optional<String>> trouble) {
        this.store = store;
        this.images = images;
        this.names = names;
        this.trouble = trouble;
    }

    Source of(ApiObject object) {
        ImageSpec.Source source = ImageObjects.source(object);
        if (source.build() != null) {
            return new Source.Built(base(object.name(), source.build()));
        }
        String text = object.spec().at("/source/pull/reference").asText();
        Optional<Reference> reference = ImageObjects.parse(text);
        if (reference.isEmpty()) {
            return new Source.Unreadable("not the name of an image: " + text);
        }
        if (ImageObjects.isImplicit(object) && names.isTaken(reference.get())) {
            return new Source.Superseded();
        }
        Platform platform = ImageErrandWork.platform(
                source.pull() == null ? null : source.pull().platform());
        LocalImage here = images.find(reference.get())
                .filter(image -> platform.runs(image.config().platform()))
                .orElse(null);
        return ImageObjects.isImplicit(object)
                ? new Source.Implicit(
                        reference.get(), here, trouble.apply(reference.get()).orElse(""))
                : new Source.Pulled(reference.get(), here);
    }

    private Base base(String name, ImageSpec.Build build) {
        if (build.imageName() != null) {
            return build.imageName().equals(name)
                    ? new Base.Awaited("Image " + name + " cannot be built on itself")
                    : ofObject(build.imageName());
        }
        Optional<Reference> from = build.from() == null || build.from().equals("scratch")
                ? Optional.empty()
                : ImageObjects.parse(build.from());
        if (from.isEmpty()) {
            return new Base.Known(null);
        }
        return switch (names.owner(from.get())) {
            case LocalNames.Owner.Here here -> new Base.Known(here.image().digest());
            case LocalNames.Owner.Awaited awaited -> new Base.Awaited(awaited.message());
            case LocalNames.Owner.Nobody nobody ->
                new Base.Known(digest(images.find(from.get()).orElse(null)));
        };
    }

    private static @Nullable Digest digest(@Nullable LocalImage image) {
        return image == null ? null : image.digest();
    }

    private Base ofObject(String name) {
        Optional<ApiObject> base = store.get(ImageObjects.imageKey(name));
        if (base.isEmpty()) {
            return new Base.Awaited("Image " + name + ", on which this is built, does not exist");
        }
        boolean ready = Conditions.isTrue(base.get().status(), "Ready")
                && base.get().status().path("observedGeneration").asLong()
                        == base.get().generation();
        Optional<LocalImage> image = ImageObjects.digest(base.get()).flatMap(images::find);
        return ready && image.isPresent()
                ? new Base.Known(image.get().digest())
                : new Base.Awaited("Image " + name + ", on which this is built, is not ready");
    }
}
