package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.InvalidReferenceException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Tells on a pod what happens to its images, in Kubernetes' words.
final class PodEvents {
    private final ObjectStore store;
    private final EventRecorder recorder;

    PodEvents(ObjectStore store, EventRecorder recorder) {
        this.store = store;
        this.recorder = recorder;
    }

    void pulling(Question question) {
        normal(question, Reason.PULLING, "Pulling image \"%s\"".formatted(question.image()));
    }

    void pulled(Question question, LocalImage image, Duration took) {
        normal(
                question,
                Reason.PULLED,
                "Successfully pulled image \"%s\" in %s. Image size: %d bytes."
                        .formatted(question.image(), words(took), image.packedBytes()));
    }

    void present(Question question) {
        normal(
                question,
                Reason.PULLED,
                "Container image \"%s\" already present on machine".formatted(question.image()));
    }

    void failed(Question question, String message) {
        warning(question, Reason.FAILED, "Failed to pull image \"%s\": %s".formatted(question.image(), message));
        warning(question, Reason.FAILED, "Error: " + Reason.ERR_IMAGE_PULL);
    }

    void backOff(Question question) {
        normal(question, Reason.BACK_OFF, "Back-off pulling image \"%s\"".formatted(question.image()));
        warning(question, Reason.FAILED, "Error: " + Reason.IMAGE_PULL_BACK_OFF);
    }

    /// @return what was told
    String neverPull(Question question) {
        String message = "Container image \"%s\" is not present with pull policy of Never".formatted(question.image());
        warning(question, Reason.ERR_IMAGE_NEVER_PULL, message);
        warning(question, Reason.FAILED, "Error: " + Reason.ERR_IMAGE_NEVER_PULL);
        return message;
    }

    /// @return what was told
    String invalidName(Question question, InvalidReferenceException why) {
        String message = "Failed to apply default image tag \"%s\": %s".formatted(question.image(), why.getMessage());
        warning(question, Reason.INSPECT_FAILED, message);
        warning(question, Reason.FAILED, "Error: " + Reason.INVALID_IMAGE_NAME);
        return message;
    }

    void secretProblem(Question question, String problem) {
        warning(question, Reason.FAILED_TO_RETRIEVE_IMAGE_PULL_SECRET, problem);
    }

    private void normal(Question question, Reason reason, String message) {
        about(question).ifPresent(about -> recorder.normal(about, reason, message));
    }

    private void warning(Question question, Reason reason, String message) {
        about(question).ifPresent(about -> recorder.warning(about, reason, message));
    }

    /// The first container of the pod that has the image; nothing if the pod is gone.
    private Optional<Involved> about(Question question) {
        return store.get(question.pod())
                .filter(pod -> pod.uid().equals(question.uid()))
                .map(pod -> Involved.of(pod).at(path(pod, question.image())));
    }

    private static String path(ApiObject pod, String image) {
        for (String field : List.of("initContainers", "containers")) {
            for (JsonNode container : pod.spec().path(field)) {
                if (container.path("image").asText().equals(image)) {
                    return "spec.%s{%s}".formatted(field, container.path("name").asText());
                }
            }
        }
        return "";
    }

    /// `850ms`, `1.3s`, `2m5s`.
    static String words(Duration took) {
        if (took.toMillis() < 1000) {
            return took.toMillis() + "ms";
        }
        return took.toMinutes() == 0
                ? String.format(Locale.ROOT, "%.1fs", took.toMillis() / 1000.0)
                : took.toMinutes() + "m" + took.toSecondsPart() + "s";
    }
}
