package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;

/// What a round does for a Container.
sealed interface ContainerAction {
    /// The Pod is as it shall be; what it still has to do is its own affair.
    record Nothing() implements ContainerAction {}

    record CreatePod(ObjectNode pod) implements ContainerAction {}

    /// @param changes a merge patch
    record PatchPod(ApiObject pod, ObjectNode changes) implements ContainerAction {}

    /// Ends the Pod with its grace period.
    ///
    /// @param why for people
    record DeletePod(ApiObject pod, String why) implements ContainerAction {}

    /// The Container itself goes, with its Pod.
    record Expire() implements ContainerAction {}

    /// A Pod is on its way out; another round comes when it is gone.
    record AwaitPodEnd() implements ContainerAction {}

    /// A Pod that has finished has not noticed yet that it was declared stopped; another round comes when it has.
    record AwaitPodStop() implements ContainerAction {}

    /// The object in `imageFrom` cannot be run yet, or the image of the next Pod is not here.
    record AwaitImage() implements ContainerAction {}

    /// A Volume of the next Pod cannot be mounted yet.
    record AwaitVolumes(String message) implements ContainerAction {}

    /// Nothing of the Container is left: it may go.
    record Release() implements ContainerAction {}

    /// @param message what stands in the way, until somebody takes it away
    record Blocked(String message) implements ContainerAction {}
}
