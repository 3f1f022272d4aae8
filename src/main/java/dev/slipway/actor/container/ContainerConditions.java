package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.pod.PodFacts.ContainerFacts;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Condition.Status;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnUsers;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Says what is true of a Container. Pure.
///
/// ```
/// Ready        it runs and takes requests; False while it is stopped, paused or has finished, be it as declared
/// Reconciling  it is not yet what is declared, and the engine is at it
/// Stalled      it is not what is declared, and only a change of an object can help
/// Healthy      its probes are content, or the health check of its image, if it has any
/// ```
///
/// So `Reconciling` and `Stalled` both False mean: as declared.
final class ContainerConditions {
    static final String STORAGE_LAYER_PRESSURE = "StorageLayerPressure";

    private static final int PRESSURE_PERCENT = 80;
    private static final List<String> LASTING =
            List.of(Reason.INVALID_IMAGE_NAME.toString(), Reason.IDMAP_NOT_SUPPORTED.toString());

    private ContainerConditions() {}

    static List<Condition> of(ContainerView view, ContainerPhase phase) {
        Progress progress = progress(view, phase);
        return List.of(
                ready(view, phase, progress),
                switch (progress) {
                    case Progress.Active active -> active.as("Reconciling", Status.TRUE);
                    case Progress.Stuck stuck -> Condition.no("Reconciling", Reason.FAILED, "");
                    case Progress.AtRest atRest -> Condition.no("Reconciling", Reason.SUCCEEDED, "");
                },
                progress instanceof Progress.Stuck stuck
                        ? stuck.as("Stalled", Status.TRUE)
                        : Condition.no("Stalled", Reason.SUCCEEDED, ""),
                imageReady(view),
                view.volumesMissing().isEmpty()
                        ? Condition.yes("VolumesReady", Reason.SUCCEEDED, "")
                        : Condition.no("VolumesReady", Reason.DEPENDENCY_NOT_READY, view.volumesMissing()),
                networkReady(view, phase),
                paused(phase));
    }

    /// How far a Container is from what is declared.
    private sealed interface Progress {
        String reason();

        String message();

        default Condition as(String type, Status status) {
            return new Condition(type, status, reason(), message());
        }

        record AtRest(String reason, String message) implements Progress {}

        record Active(String reason, String message) implements Progress {}

        record Stuck(String reason, String message) implements Progress {}
    }

    private static Progress progress(ContainerView view, ContainerPhase phase) {
        if (view.trouble().isPresent()) {
            ContainerView.Trouble trouble = view.trouble().get();
            return trouble.lasting()
                    ? new Progress.Stuck(trouble.reason(), trouble.message())
                    : new Progress.Active(trouble.reason(), trouble.message());
        }
        if (view.container().deletionTimestamp().isPresent()) {
            return active(Reason.TERMINATING, "its processes are asked to end");
        }
        if (view.image() instanceof ContainerImage.Awaited(String message)) {
            return active(Reason.DEPENDENCY_NOT_READY, message);
        }
        if (view.image() instanceof ContainerImage.Fetched(String reason, String message)) {
            return ofImage(reason, message);
        }
        return switch (phase) {
            case PENDING, CREATING, CRASH_LOOP -> waiting(view);
            case STOPPING -> active(Reason.PROGRESSING, "its process has been asked to end");
            case RUNNING -> running(view);
            case PAUSED ->
                view.desiredState().equals("Paused")
                        ? new Progress.AtRest(Reason.PAUSED.toString(), "its processes are frozen, as declared")
                        : active(Reason.PROGRESSING, "its processes are still frozen");
            case STOPPED -> new Progress.AtRest(Reason.STOPPED.toString(), "it is stopped, as declared");
            case EXITED -> exited(view);
        };
    }

    private static Progress running(ContainerView view) {
        if (view.desiredState().equals("Paused")) {
            return active(Reason.PROGRESSING, "its processes are being frozen");
        }
        return Conditions.isTrue(view.podStatus(), "Ready")
                ? new Progress.AtRest(Reason.RUNNING.toString(), "")
                : active(Reason.CONTAINERS_NOT_READY, "it runs and is not ready yet" + complaint(view));
    }

    /// What its probe said last, if that is known.
    private static String complaint(ContainerView view) {
        return view.facts()
                .map(ContainerFacts::complaint)
                .filter(words -> !words.isEmpty())
                .map(": "::concat)
                .orElse("");
    }

    private static Progress waiting(ContainerView view) {
        JsonNode waiting = view.main().path("state").path("waiting");
        String reason = waiting.path("reason").asText();
        String message = waiting.path("message").asText();
        boolean isHeld = message.isEmpty() || reason.equals(Reason.CONTAINER_CREATING.toString());
        if (isHeld && !view.volumesMissing().isEmpty()) {
            return active(Reason.DEPENDENCY_NOT_READY, view.volumesMissing());
        }
        if (reason.isEmpty()) {
            return active(Reason.PROGRESSING, "");
        }
        return ofImage(reason, message);
    }

    /// Other words for an image, and other users, can only come with another spec.
    private static Progress ofImage(String reason, String message) {
        return LASTING.contains(reason) ? new Progress.Stuck(reason, message) : new Progress.Active(reason, message);
    }

    private static Progress exited(ContainerView view) {
        if (view.podPhase().equals("Succeeded")) {
            return new Progress.AtRest(Reason.COMPLETED.toString(), "it has finished");
        }
        JsonNode ended = view.ended();
        if (ended.isMissingNode() || view.isEvicted()) {
            String reason = view.podStatus().path("reason").asText(Reason.POD_FAILED.toString());
            return new Progress.Stuck(reason, view.podStatus().path("message").asText());
        }
        if (ended.path("reason").asText().equals(Reason.START_ERROR.toString())) {
            return new Progress.Stuck(
                    Reason.START_ERROR.toString(),
                    ended.path("message").asText() + ", and restartPolicy Never does not try again");
        }
        String policy = view.container().spec().path("restartPolicy").asText();
        JsonNode most = view.container().spec().path("maxRestarts");
        String words = most.isNumber() ? "%s with maxRestarts %d".formatted(policy, most.asInt()) : policy;
        return new Progress.Stuck(
                ended.path("reason").asText(Reason.ERROR.toString()),
                "it ended with exit code %d, and restartPolicy %s does not start it again"
                        .formatted(ended.path("exitCode").asInt(), words));
    }

    private static Progress active(Reason reason, String message) {
        return new Progress.Active(reason.toString(), message);
    }

    private static Condition ready(ContainerView view, ContainerPhase phase, Progress progress) {
        boolean serves = phase == ContainerPhase.RUNNING && Conditions.isTrue(view.podStatus(), "Ready");
        return serves ? Condition.yes("Ready", Reason.RUNNING, "") : progress.as("Ready", Status.FALSE);
    }

    private static Condition imageReady(ContainerView view) {
        return switch (view.image()) {
            case ContainerImage.Awaited(String message) ->
                Condition.no("ImageReady", Reason.DEPENDENCY_NOT_READY, message);
            case ContainerImage.Fetched(String reason, String message) ->
                new Condition("ImageReady", Status.FALSE, reason, message);
            case ContainerImage.Known(String reference) -> {
                JsonNode waiting = view.main().path("state").path("waiting");
                String reason = waiting.path("reason").asText();
                if (ContainerPhase.isOfImage(reason)) {
                    yield new Condition(
                            "ImageReady",
                            Status.FALSE,
                            reason,
                            waiting.path("message").asText());
                }
                boolean isHere = ContainerImage.source(view.container()).isPresent()
                        || !view.main().path("imageID").asText().isEmpty();
                yield isHere
                        ? Condition.yes("ImageReady", Reason.SUCCEEDED, "")
                        : Condition.unknown("ImageReady", Reason.PROGRESSING, "");
            }
        };
    }

    /// Whether its probes are content, or the health check of its image; of a container that has none nothing is
    /// said.
    static Optional<Condition> healthy(ContainerView view, ContainerPhase phase) {
        boolean hasProbes =
                ContainerPod.PROBES.stream().anyMatch(view.container().spec()::has);
        boolean followsImage = view.facts().filter(ContainerFacts::followsImage).isPresent();
        if (!hasProbes && !followsImage) {
            return Optional.empty();
        }
        if (phase != ContainerPhase.RUNNING) {
            return Optional.of(Condition.unknown("Healthy", Reason.PROGRESSING, "nobody asks while it does not run"));
        }
        if (!view.main().path("started").asBoolean()) {
            return Optional.of(Condition.no(
                    "Healthy", Reason.PROGRESSING, "its startup probe has not succeeded yet" + complaint(view)));
        }
        return Optional.of(
                view.main().path("ready").asBoolean()
                        ? Condition.yes("Healthy", Reason.SUCCEEDED, "")
                        : Condition.no(
                                "Healthy",
                                Reason.UNHEALTHY,
                                (followsImage
                                                ? "the health check of its image does not succeed"
                                                : "its readiness probe does not succeed")
                                        + complaint(view)));
    }

    /// That it has no users of its own although nobody asked for that; else nothing is said.
    static Optional<Condition> userNamespace(ContainerView view) {
        List<String> causes = OwnUsers.hindrances(view.container().spec());
        return causes.isEmpty()
                ? Optional.empty()
                : Optional.of(Condition.no(
                        "UserNamespace",
                        Reason.HOST_NAMESPACES,
                        "it runs as the users of the host, because of " + String.join(", ", causes)));
    }

    /// Whether what it waits for is there; of a container that waits for nothing nothing is said.
    static Optional<Condition> dependenciesReady(ContainerView view) {
        if (view.container().spec().path("dependsOn").isEmpty()) {
            return Optional.empty();
        }
        JsonNode waiting = view.main().path("state").path("waiting");
        boolean waits = waiting.path("reason").asText().equals(Reason.DEPENDENCY_NOT_READY.toString());
        return Optional.of(
                waits || view.pod().isEmpty()
                        ? Condition.no(
                                "DependenciesReady",
                                Reason.DEPENDENCY_NOT_READY,
                                waiting.path("message").asText())
                        : Condition.yes("DependenciesReady", Reason.SUCCEEDED, ""));
    }

    /// Whether the storage layer is nearly full, or was; of a container without a limit nothing is said.
    ///
    /// @param usedBytes empty while nobody has counted
    static Optional<Condition> storageLayerPressure(ContainerView view, OptionalLong usedBytes) {
        Optional<Long> limit = Quantities.parse(view.sizeLimit()).map(BigDecimal::longValue);
        if (limit.isEmpty()) {
            return Optional.empty();
        }
        if (usedBytes.isEmpty()) {
            return Optional.of(Condition.unknown(STORAGE_LAYER_PRESSURE, Reason.PROGRESSING, "nobody has counted yet"));
        }
        long percent = usedBytes.getAsLong() / Math.max(1, limit.get() / 100);
        String message = "%d of %s are used".formatted(usedBytes.getAsLong(), view.sizeLimit());
        return Optional.of(
                percent >= PRESSURE_PERCENT
                        ? Condition.yes(STORAGE_LAYER_PRESSURE, Reason.NEARLY_FULL, message)
                        : Condition.no(STORAGE_LAYER_PRESSURE, Reason.SUCCEEDED, ""));
    }

    /// Whether its Pod has a network, be it without a process in it.
    private static Condition networkReady(ContainerView view, ContainerPhase phase) {
        String type = "NetworkReady";
        if (Conditions.isTrue(view.podStatus(), "PodReadyToStartContainers")) {
            boolean isOfHost = view.container().spec().path("hostNetwork").asBoolean();
            return Condition.yes(type, Reason.SUCCEEDED, isOfHost ? "it has the network of the host" : "");
        }
        return switch (phase) {
            case STOPPED, EXITED -> Condition.no(type, Reason.STOPPED, "");
            case PENDING, CREATING, RUNNING, PAUSED, STOPPING, CRASH_LOOP -> Condition.no(type, Reason.PROGRESSING, "");
        };
    }

    private static Condition paused(ContainerPhase phase) {
        return switch (phase) {
            case PAUSED -> Condition.yes("Paused", Reason.PAUSED, "");
            case RUNNING -> Condition.no("Paused", Reason.RUNNING, "");
            case STOPPED, EXITED -> Condition.no("Paused", Reason.STOPPED, "");
            case PENDING, CREATING, STOPPING, CRASH_LOOP -> Condition.no("Paused", Reason.PROGRESSING, "");
        };
    }
}
