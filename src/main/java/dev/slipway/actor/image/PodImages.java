package dev.slipway.actor.image;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Makes the images of pods present. A pull runs aside: who asks gets an answer at once, and its pod is touched when
/// there is another one. Each image that a pod names becomes an `Image` object by itself. Thread-safe.
///
/// A name is looked for in this order: a `Tag` object; an `Image` object that is built here; a local image, as the pull
/// policy allows; the registry. The first two never go to a registry, whatever the policy says.
///
/// A pod that was told `Present` keeps that image until it is forgotten or the image is gone: `Always` asks the
/// registry once for a pod. Failed pulls are tried again after 10 s, doubled up to 5 min, or when a Secret that the
/// pod names changes.
public interface PodImages {
    /// What is known of an image now.
    sealed interface Answer {
        /// @param pulled whether it came from a registry because of this pod's question, and how long that took
        ///     is in the event that was recorded
        record Present(LocalImage image, boolean pulled) implements Answer {}

        record Pulling() implements Answer {}

        /// @param reason as Kubernetes has it for a waiting container: `ErrImagePull`, `ImagePullBackOff`,
        ///     `ErrImageNeverPull`, `InvalidImageName`
        /// @param retryAt when asking again makes it try again; the pod is touched then
        record Failed(String reason, String message, Instant retryAt) implements Answer {}
    }

    /// @param pod or what else wants to use it: a Container, before its next pod takes the place of the one that
    ///     runs
    /// @param image as in the pod's spec
    /// @param pullSecrets names of Secrets in the pod's namespace
    /// @param heirOf uid of who may have asked the same for this pod: what it was promised needs no registry again
    record Question(
            ObjectKey pod, String uid, String image, PullPolicy policy, List<String> pullSecrets, String heirOf) {
        public Question {
            pullSecrets = List.copyOf(pullSecrets);
        }

        public Question(ObjectKey pod, String uid, String image, PullPolicy policy, List<String> pullSecrets) {
            this(pod, uid, image, policy, pullSecrets, "");
        }
    }

    /// What the `imagePullPolicy` of a container says.
    static PullPolicy policy(String text) {
        return switch (text) {
            case "Always" -> PullPolicy.ALWAYS;
            case "Never" -> PullPolicy.NEVER;
            default -> PullPolicy.IF_NOT_PRESENT;
        };
    }

    Answer ask(Question question);

    /// What a container runs, if it is here.
    Optional<LocalImage> find(Digest image);

    /// Forgets the questions of a pod that is gone; a pull that nobody else waits for ends.
    void forget(String podUid);
}
