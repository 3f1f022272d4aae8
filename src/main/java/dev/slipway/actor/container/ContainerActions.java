package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decides what a round does. Pure.
///
/// ```
/// no pod                    image known?  create : wait for the image
/// pod of somebody else      blocked
/// pod on its way out        wait, then create
/// pod of another spec       image here, volumes ready?  delete, wait, create : wait for them with the pod that is
/// pod of this spec          desired state, labels and stop signal are patched in place
/// one that has finished     stays; when it was declared stopped and is to run again: wait until it has stopped, patch;
///                           when its time is over and nothing depends on it: the Container is deleted
/// being deleted             delete the pod, wait, release
/// ```
///
/// A Pod that is made anew has a fresh writable layer, as `docker compose up` gives to a container whose definition
/// changed. Stop, start, pause and a new label keep the Pod and therefore the layer.
final class ContainerActions {
    private ContainerActions() {}

    /// What it has to do with.
    ///
    /// @param pod of the Container's name
    /// @param volumesMissing why a Volume that it names cannot be mounted; empty when all can
    /// @param isNeeded a Container or a Pod depends on it
    record Around(Optional<ApiObject> pod, ContainerImage image, String volumesMissing, boolean isNeeded) {}

    static ContainerAction compute(ApiObject container, Around around, Instant now) {
        Optional<ApiObject> pod = around.pod();
        Optional<ApiObject> own = pod.filter(found -> ContainerPod.isOwned(found, container));
        if (container.deletionTimestamp().isPresent()) {
            return own.map(found -> end(found, "its Container is deleted")).orElse(new ContainerAction.Release());
        }
        if (pod.isPresent() && pod.get().deletionTimestamp().isPresent()) {
            return new ContainerAction.AwaitPodEnd();
        }
        if (pod.isPresent() && own.isEmpty()) {
            return new ContainerAction.Blocked("pod %s exists and does not belong to this Container"
                    .formatted(pod.get().name()));
        }
        if (!around.isNeeded()
                && own.filter(found -> isExpired(container, found, now)).isPresent()) {
            return new ContainerAction.Expire();
        }
        return switch (around.image()) {
            case ContainerImage.Known known -> {
                ObjectNode wanted = ContainerPod.of(container, known.reference());
                boolean isReplaced =
                        own.filter(found -> !ContainerPod.isSame(found, wanted)).isPresent();
                yield isReplaced && !around.volumesMissing().isEmpty()
                        ? await(own, container, new ContainerAction.AwaitVolumes(around.volumesMissing()))
                        : converge(own, wanted);
            }
            case ContainerImage.Awaited awaited -> await(own, container, new ContainerAction.AwaitImage());
            case ContainerImage.Fetched fetched -> await(own, container, new ContainerAction.AwaitImage());
        };
    }

    /// The pod that is stays, and still follows the desired state.
    private static ContainerAction await(Optional<ApiObject> own, ApiObject container, ContainerAction wait) {
        return own.map(found -> patch(found, ContainerPod.statePatch(found, container)))
                .filter(ContainerAction.PatchPod.class::isInstance)
                .orElse(wait);
    }

    /// Whether its time is over, whatever becomes of its image, and nobody has asked for another run.
    private static boolean isExpired(ApiObject container, ApiObject pod, Instant now) {
        boolean isToStop = container.spec().path("desiredState").asText().equals("Stopped");
        return !isToStop
                && Expiry.of(container, Optional.of(pod))
                        .filter(end -> !now.isBefore(end))
                        .isPresent()
                && ContainerPod.isOfTheLastRun(pod, container)
                && Objects.equals(restartedAt(pod), restartedAt(container));
    }

    private static @Nullable String restartedAt(ApiObject object) {
        return object.annotations().get(PodAnnotations.RESTARTED_AT);
    }

    private static ContainerAction converge(Optional<ApiObject> own, ObjectNode wanted) {
        if (own.isEmpty()) {
            return new ContainerAction.CreatePod(wanted);
        }
        if (!ContainerPod.isSame(own.get(), wanted)) {
            return end(own.get(), "its Container has changed");
        }
        if (ContainerPod.hasYetToStop(own.get(), wanted)) {
            return new ContainerAction.AwaitPodStop();
        }
        return patch(own.get(), ContainerPod.changes(own.get(), wanted));
    }

    private static ContainerAction patch(ApiObject pod, ObjectNode changes) {
        return changes.isEmpty() ? new ContainerAction.Nothing() : new ContainerAction.PatchPod(pod, changes);
    }

    private static ContainerAction end(ApiObject pod, String why) {
        return pod.deletionTimestamp().isPresent()
                ? new ContainerAction.AwaitPodEnd()
                : new ContainerAction.DeletePod(pod, why);
    }
}
