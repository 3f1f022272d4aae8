package dev.slipway.actor.image;

import dev.slipway.actor.build.BuildPlan;
import dev.slipway.actor.image.ImageErrands.Errand;
import dev.slipway.actor.space.Removal;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An Image and all that a round decides by.
///
/// @param source where it comes from
/// @param errand that runs, or ended last and whose image is still there; null for none since the engine started
/// @param byDigest the present image that the object's status names; null for none
/// @param users who runs from that
/// @param claimed whether another object needs it, too
/// @param keep whether the object has to be here at all
record ImageView(
        ApiObject object,
        Source source,
        @Nullable Errand errand,
        @Nullable LocalImage byDigest,
        Set<ImageUsers.User> users,
        boolean claimed,
        Keep keep) {
    /// @param isNeeded whether something else than the object itself needs it
    /// @param isCollected whether it has gone because nothing did
    /// @param due why it is to go; null when it is not
    /// @param isArriving whether it is being pulled
    record Keep(
            boolean isNeeded, boolean isCollected, @Nullable Removal due, boolean isArriving) {
        static final Keep NEEDED = new Keep(true, false, null, false);
    }

    /// Where an image comes from.
    sealed interface Source {
        /// @param here the present image of that name; null for none
        record Pulled(Reference reference, @Nullable LocalImage here) implements Source {}

        /// Pods pull it.
        ///
        /// @param here the present image of that name; null for none
        /// @param trouble why pods do not get it, or empty
        record Implicit(Reference reference, @Nullable LocalImage here, String trouble) implements Source {}

        /// It only showed an image that pods pull, and an object that makes images has the name now; or one
        /// that a Tag had, and that has gone or that another object shows.
        record Superseded() implements Source {}

        record Built(Recipe recipe) implements Source {}

        /// From files, or from what a container has written.
        record Taken() implements Source {}

        record Unreadable(String message) implements Source {}
    }

    /// What a build is made of.
    sealed interface Recipe {
        /// @param images what the plan names, as far as it is on this host
        record Known(BuildPlan plan, Map<String, Digest> images) implements Recipe {
            public Known {
                images = Map.copyOf(images);
            }
        }

        /// Something of it is made by another object, or is one.
        record Awaited(String message) implements Recipe {}

        /// It cannot be done.
        record Wrong(String message) implements Recipe {}
    }

    ImageErrands.Purpose purpose() {
        Recipe.Known recipe =
                source instanceof Source.Built built && built.recipe() instanceof Recipe.Known known ? known : null;
        boolean isBuilt = source instanceof Source.Built;
        return new ImageErrands.Purpose(
                object.uid(), object.generation(), isBuilt ? object.annotations() : Map.of(), recipe);
    }

    /// Whether the status speaks of the spec as it is now.
    boolean isObserved() {
        return object.status().path("observedGeneration").asLong() == object.generation();
    }

    /// Whether the status says that the spec as it is now has been fulfilled.
    boolean isFulfilled() {
        return isObserved() && Conditions.isTrue(object.status(), "Ready");
    }

    /// Whether it only shows that pods wanted an image and did not get it, and no pod does any more.
    boolean isIdle() {
        return source instanceof Source.Implicit implicit
                && implicit.here() == null
                && ImageObjects.digest(object).isEmpty()
                && ImageObjects.mayBeCollected(object)
                && !keep.isNeeded()
                && !keep.isArriving();
    }

    /// The errand, if it was for what is wanted now.
    Optional<Errand> currentErrand() {
        return Optional.ofNullable(errand).filter(last -> last.purpose().equals(purpose()));
    }
}
