package dev.slipway.actor.image;

import dev.slipway.actor.image.ImageErrands.Purpose;
import dev.slipway.actor.space.Removal;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is to be done for an Image, or why nothing is.
sealed interface ImageAction {
    /// It is as declared.
    record Show(LocalImage image) implements ImageAction {}

    /// Fetch it.
    record Pull(Purpose purpose, Reference reference) implements ImageAction {}

    /// Build it, or find out that it is built.
    record Build(Purpose purpose, ImageView.Recipe.Known recipe) implements ImageAction {}

    /// Take it from files or a container.
    record Take(Purpose purpose) implements ImageAction {}

    /// An errand runs.
    ///
    /// @param doing null while there is nothing to tell
    record Await(ImageErrands.@Nullable Doing doing) implements ImageAction {}

    /// The last errand failed, and another follows.
    record BackOff(String message, Instant until) implements ImageAction {}

    /// The base is not there yet.
    record AwaitBase(String message) implements ImageAction {}

    /// Only pods make an implicit image present, and none has.
    ///
    /// @param message why not, if one tried
    record AwaitPods(String message) implements ImageAction {}

    /// Nobody needs the object any more: delete it.
    record Retire() implements ImageAction {}

    /// Nobody needs it, and it is its turn to go.
    record Collect(Removal removal) implements ImageAction {}

    /// It has gone, and nobody needs it.
    record Rest() implements ImageAction {}

    /// Only a change of the object can help.
    record Refuse(String message) implements ImageAction {}

    /// It is being deleted, and somebody still runs from it.
    record InUse(Set<ImageUsers.User> users) implements ImageAction {}

    /// It is being deleted: free it.
    record Release() implements ImageAction {}
}
