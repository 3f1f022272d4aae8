package dev.slipway.actor.image;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullPolicy;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// Makes the images of pods present. A pull runs aside: who asks gets an answer at once, and its pod is touched when
/// there is another one. Each image that a pod names becomes an `Image` object by itself. Thread-safe.
public final class PodImages {
    /// What is known of an image now.
    public sealed interface Answer {
        /// @param pulled whether it came from a registry because of this pod's question, and how long that took is in
        ///     the event that was recorded
        record Present(LocalImage image, boolean pulled) implements Answer {}

        record Pulling() implements Answer {}

        /// @param reason as Kubernetes has it for a waiting container: `ErrImagePull`, `ImagePullBackOff`,
        ///     `ErrImageNeverPull`, `InvalidImageName`
        /// @param retryAt when asking again makes it try again
        record Failed(String reason, String message, Instant retryAt) implements Answer {}
    }

    /// @param image as in the pod's spec
    /// @param pullSecrets names of Secrets in the pod's namespace
    public record Question(ObjectKey pod, String uid, String image, PullPolicy policy, List<String> pullSecrets) {
        public Question {
            pullSecrets = List.copyOf(pullSecrets);
        }
    }

    /// @param touched called with the key of a pod whose answer has changed
    public PodImages(Consumer<ObjectKey> touched) {}

    public Answer ask(Question question) {
        return new Answer.Pulling();
    }

    /// Forgets the questions of a pod that is gone; a pull that nobody else waits for ends.
    public void forget(String podUid) {}
}
