package dev.slipway.actor.pod;

import dev.slipway.actor.pod.PodAction.Cause;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;

/// Tells what happens to one pod, with the reasons and words of Kubernetes' scheduler and kubelet. What happens
/// to its images is told by those who bring them.
///
/// @param name `<name>_<namespace>(<uid>)`
record PodEvents(EventRecorder recorder, Involved pod, String name) {
    static PodEvents of(EventRecorder recorder, ApiObject pod) {
        return new PodEvents(recorder, Involved.of(pod), fullName(pod));
    }

    static String fullName(ApiObject pod) {
        return "%s_%s(%s)".formatted(pod.name(), pod.namespace(), pod.uid());
    }

    void scheduled(String node) {
        normal(Reason.SCHEDULED, "Successfully assigned %s/%s to %s".formatted(pod.namespace(), pod.name(), node));
    }

    void tooOld(String message) {
        normal(Reason.DEADLINE_EXCEEDED, message);
    }

    void evicted(String message) {
        recorder.warning(pod, Reason.EVICTED, message);
    }

    void sandboxChanged() {
        normal(Reason.SANDBOX_CHANGED, "Pod sandbox changed, it will be killed and re-created.");
    }

    void mountFailed(String message) {
        recorder.warning(pod, Reason.FAILED_MOUNT, message);
    }

    /// Something went wrong with the pod as a whole.
    void failed(Reason reason, String message) {
        String begin =
                switch (reason) {
                    case FAILED_CREATE_POD_SAND_BOX -> "Failed to create pod sandbox: ";
                    case FAILED_KILL_POD -> "error killing pod: ";
                    default -> "";
                };
        recorder.warning(pod, reason, begin + message);
    }

    void created(WantedContainer container) {
        recorder.normal(at(container), Reason.CREATED, "Created container: " + container.name());
    }

    void started(WantedContainer container) {
        recorder.normal(at(container), Reason.STARTED, "Started container " + container.name());
    }

    void failed(WantedContainer container, String message) {
        recorder.warning(at(container), Reason.FAILED, "Error: " + message);
    }

    /// @param restarts whether it will be started again
    void killing(WantedContainer container, Cause cause, boolean restarts) {
        String name = container.name();
        String then = restarts ? ", will be restarted" : "";
        String message =
                switch (cause) {
                    case UNWANTED, SANDBOX_LOST, EVICTED -> "Stopping container " + name;
                    case RESIZE -> "Container %s resize requires restart".formatted(name);
                    case RESTART -> "Container %s is to be restarted".formatted(name);
                    case OUTDATED -> "Container %s definition changed, will be restarted".formatted(name);
                    case LIVENESS_PROBE -> "Container %s failed liveness probe%s".formatted(name, then);
                    case STARTUP_PROBE -> "Container %s failed startup probe%s".formatted(name, then);
                    case POST_START_HOOK -> "FailedPostStartHook";
                };
        recorder.normal(at(container), Reason.KILLING, message);
    }

    void backingOff(WantedContainer container) {
        recorder.warning(
                at(container),
                Reason.BACK_OFF,
                "Back-off restarting failed container %s in pod %s".formatted(container.name(), name));
    }

    private void normal(Reason reason, String message) {
        recorder.normal(pod, reason, message);
    }

    /// The container in its pod.
    Involved at(WantedContainer container) {
        String list =
                switch (container.role()) {
                    case MAIN -> "containers";
                    case INIT, SIDECAR -> "initContainers";
                    case EPHEMERAL -> "ephemeralContainers";
                };
        return pod.at("spec.%s{%s}".formatted(list, container.name()));
    }
}
