package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import java.util.Set;

/// What a Container is doing, in one word.
enum ContainerPhase {
    /// It waits for something that is not there, such as its image.
    PENDING("Pending"),
    /// Its layer, network or process is being made.
    CREATING("Creating"),
    RUNNING("Running"),
    /// Its processes are frozen.
    PAUSED("Paused"),
    /// Its process has been asked to end.
    STOPPING("Stopping"),
    /// It has no process, as declared; its layer is kept.
    STOPPED("Stopped"),
    /// Its process ended and is not started again.
    EXITED("Exited"),
    /// Its process ended and is started again after a while.
    CRASH_LOOP("CrashLoop");

    private static final Set<String> OF_IMAGES = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "ErrImageNeverPull",
            "InvalidImageName",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed");

    private final String text;

    ContainerPhase(String text) {
        this.text = text;
    }

    /// As clients see it.
    @Override
    public String toString() {
        return text;
    }

    /// Whether a waiting reason speaks of the image.
    static boolean isOfImage(String reason) {
        return OF_IMAGES.contains(reason);
    }

    static ContainerPhase of(ContainerView view) {
        boolean isLeaving = view.container().deletionTimestamp().isPresent()
                || view.pod().flatMap(ApiObject::deletionTimestamp).isPresent();
        if (isLeaving) {
            return STOPPING;
        }
        if (view.pod().isEmpty()) {
            return PENDING;
        }
        boolean isToStop = view.desiredState().equals("Stopped");
        if (Conditions.isTrue(view.podStatus(), "Paused")) {
            return PAUSED;
        }
        if (Conditions.isTrue(view.podStatus(), "Stopped")) {
            return isToStop ? STOPPED : CREATING;
        }
        boolean hasFinished =
                view.podPhase().equals("Succeeded") || view.podPhase().equals("Failed");
        if (hasFinished) {
            return isToStop ? STOPPED : EXITED;
        }
        return ofState(view.main().path("state"), isToStop);
    }

    private static ContainerPhase ofState(JsonNode state, boolean isToStop) {
        if (state.path("running").isObject()) {
            return isToStop ? STOPPING : RUNNING;
        }
        String waiting = state.path("waiting").path("reason").asText();
        if (waiting.equals("CrashLoopBackOff") || state.path("terminated").isObject()) {
            return CRASH_LOOP;
        }
        return isOfImage(waiting) || waiting.equals("DependencyNotReady") ? PENDING : CREATING;
    }
}
