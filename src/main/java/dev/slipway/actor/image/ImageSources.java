package dev.slipway.actor.image;

import dev.slipway.actor.build.BuildPlan;
import dev.slipway.actor.build.BuildPlans;
import dev.slipway.actor.build.PlanOutcome;
import dev.slipway.actor.image.ImageView.Recipe;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds out where an Image comes from, and what of that is on this host.
final class ImageSources {
    private final ObjectStore store;
    private final Images images;
    private final BuildPlans plans;
    private final LocalNames names;
    private final Function<Reference, Optional<String>> trouble;

    /// @param trouble why pods do not get an image
    ImageSources(ObjectStore store, Images images, LocalNames names, Function<Reference, Optional<String>> trouble) {
        this.store = store;
        this.images = images;
        this.plans = new BuildPlans(store);
        this.names = names;
        this.trouble = trouble;
    }

    Source of(ApiObject object) {
        ImageSpec.Source source = ImageObjects.source(object);
        if (source.build() != null) {
            return new Source.Built(recipe(object.name(), source.build()));
        }
        if (source.archive() != null || source.commit() != null) {
            return new Source.Taken();
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
                .filter(image -> ImageObjects.isOfTag(object)
                        || platform.runs(image.config().platform()))
                .orElse(null);
        if (ImageObjects.isOfTag(object) && (here == null || isShownByAnother(object, here))) {
            return new Source.Superseded();
        }
        return ImageObjects.isImplicit(object)
                ? new Source.Implicit(
                        reference.get(), here, trouble.apply(reference.get()).orElse(""))
                : new Source.Pulled(reference.get(), known(reference.get(), here));
    }

    /// Of several that only show what Tags have, one stays.
    private boolean isShownByAnother(ApiObject object, LocalImage image) {
        return store.list(ImageObjects.IMAGES, "").items().stream()
                .filter(other -> !other.name().equals(object.name())
                        && (!ImageObjects.isOfTag(other) || other.name().compareTo(object.name()) < 0))
                .anyMatch(other -> ImageObjects.digest(other)
                        .filter(image.digest()::equals)
                        .isPresent());
    }

    /// One that came before its registry asked for signatures is looked at by a pull.
    private @Nullable LocalImage known(Reference reference, @Nullable LocalImage here) {
        return here != null && images.isKnownGood(reference, here) ? here : null;
    }

    /// The names of the images that an Image is built from; empty for one that is not built, or not now.
    Set<String> buildsOn(ApiObject object) {
        ImageSpec.Build build =
                ImageObjects.isBuilt(object) ? ImageObjects.source(object).build() : null;
        if (build == null || !(plans.plan(build) instanceof BuildPlan plan)) {
            return Set.of();
        }
        return plan.triggers().areRun() && recipe(object.name(), build) instanceof Recipe.Known known
                ? known.plan().images()
                : plan.images();
    }

    /// What the images that a build starts from have for it is part of its plan, so there may be a second one.
    private Recipe recipe(String object, ImageSpec.Build build) {
        Recipe recipe = recipe(object, plans.plan(build));
        if (recipe instanceof Recipe.Known known && known.plan().triggers().areRun()) {
            Map<String, List<String>> triggers = triggers(known);
            return triggers.isEmpty() ? recipe : recipe(object, plans.plan(build, triggers));
        }
        return recipe;
    }

    private Recipe recipe(String object, PlanOutcome outcome) {
        return switch (outcome) {
            case PlanOutcome.Awaited awaited -> new Recipe.Awaited(awaited.message());
            case PlanOutcome.Unreadable unreadable -> new Recipe.Wrong(unreadable.message());
            case BuildPlan plan -> recipe(object, plan);
        };
    }

    private Map<String, List<String>> triggers(Recipe.Known recipe) {
        Map<String, LocalImage> bases = new HashMap<>();
        recipe.images().forEach((name, digest) -> images.find(digest).ifPresent(image -> bases.put(name, image)));
        return triggers(recipe.plan(), bases);
    }

    /// What the images that a plan starts from have for a Dockerfile; those that have nothing are not there.
    static Map<String, List<String>> triggers(BuildPlan plan, Map<String, LocalImage> images) {
        Map<String, List<String>> triggers = new HashMap<>();
        for (String name : plan.bases()) {
            LocalImage base = images.get(name);
            if (base != null && !base.config().triggers().isEmpty()) {
                triggers.put(name, base.config().triggers());
            }
        }
        return triggers;
    }

    private Recipe recipe(String object, BuildPlan plan) {
        Map<String, Digest> digests = new HashMap<>();
        for (String name : plan.images()) {
            switch (base(object, name)) {
                case Base.Awaited awaited -> {
                    return new Recipe.Awaited(awaited.message());
                }
                case Base.Known known -> {
                    if (known.digest() != null) {
                        digests.put(name, known.digest());
                    }
                }
                case Base.Wrong wrong -> {
                    return new Recipe.Wrong(wrong.message());
                }
            }
        }
        return new Recipe.Known(plan, digests);
    }

    /// One image that a build needs.
    private sealed interface Base {
        /// @param digest null for one that is still to be pulled
        record Known(@Nullable Digest digest) implements Base {}

        record Awaited(String message) implements Base {}

        record Wrong(String message) implements Base {}
    }

    private Base base(String object, String name) {
        String other = BuildPlan.objectOf(name);
        if (!other.isEmpty()) {
            return other.equals(object)
                    ? new Base.Awaited("Image " + object + " cannot be built on itself")
                    : ofObject(other);
        }
        Optional<Reference> from = ImageObjects.parse(name);
        if (from.isEmpty()) {
            return new Base.Wrong("not the name of an image: " + name);
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
