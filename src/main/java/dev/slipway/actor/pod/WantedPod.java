package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.model.ContainerSpec.DesiredState;
import dev.slipway.desired.model.PodAnnotations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// What a stored Pod wants, as far as decisions need it.
///
/// @param mostRestarts of each main container in a row; empty for any number
/// @param keepsLayer the containers' writable layers live as long as the pod
/// @param wasStopped its containers ended because [DesiredState#Stopped] was asked for, not by themselves
/// @param isOver it is in a phase that a pod never leaves
/// @param deadline when the pod has lived too long
/// @param grace between the stop signal and the kill
/// @param containers those that initialize first, in order; those that were added last
record WantedPod(
        RestartPolicy restartPolicy,
        OptionalInt mostRestarts,
        DesiredState state,
        boolean keepsLayer,
        boolean wasStopped,
        boolean isOver,
        Optional<Removal> removal,
        Optional<Instant> deadline,
        Duration grace,
        List<WantedContainer> containers) {
    WantedPod {
        containers = List.copyOf(containers);
    }

    /// Whether a container that ended is started again.
    enum RestartPolicy {
        ALWAYS,
        ON_FAILURE,
        NEVER;

        boolean restarts(int exitCode) {
            return switch (this) {
                case ALWAYS -> true;
                case ON_FAILURE -> exitCode != 0;
                case NEVER -> false;
            };
        }
    }

    /// Whether one more restart of a main container is not too many.
    ///
    /// @param exitCode of the run that ended
    /// @param streak how many there were in a row
    boolean restarts(int exitCode, int streak) {
        return restartPolicy.restarts(exitCode) && streak < mostRestarts.orElse(Integer.MAX_VALUE);
    }

    /// The pod is being deleted.
    ///
    /// @param grace zero when nothing is to be waited for
    /// @param deadline when its containers are killed
    record Removal(Duration grace, Instant deadline) {}

    static WantedPod of(ApiObject pod) {
        boolean keepsLayer = "Kept".equals(pod.annotations().get(PodAnnotations.STORAGE_LAYER));
        boolean wasStopped = Conditions.isTrue(pod.status(), PodConditions.STOPPED);
        DesiredState state = state(pod);
        // With its layer kept, what has ended can go on: a start makes it run again, as in Docker.
        boolean isRevived = keepsLayer && (wasStopped || state == DesiredState.Stopped || isToBeginAgain(pod));
        return new WantedPod(
                policy(pod.spec().path("restartPolicy").asText()),
                mostRestarts(pod),
                state,
                keepsLayer,
                wasStopped,
                PodStatusRenderer.isOver(pod.status().path("phase").asText()) && !isRevived,
                removal(pod),
                deadline(pod),
                Duration.ofSeconds(
                        pod.spec().path("terminationGracePeriodSeconds").asLong(30)),
                containers(pod));
    }

    /// Whether the pod has lived longer than it may.
    boolean isExpired(Instant now) {
        return deadline.filter(end -> !now.isBefore(end)).isPresent();
    }

    Stream<WantedContainer> containers(Role role) {
        return containers.stream().filter(container -> container.role() == role);
    }

    private static RestartPolicy policy(String text) {
        return switch (text) {
            case "OnFailure" -> RestartPolicy.ON_FAILURE;
            case "Never" -> RestartPolicy.NEVER;
            default -> RestartPolicy.ALWAYS;
        };
    }

    /// Validated with the pod; what was stored before there was such a rule says nothing.
    private static OptionalInt mostRestarts(ApiObject pod) {
        String text = pod.annotations().getOrDefault(PodAnnotations.MAX_RESTARTS, "");
        return text.matches("[0-9]{1,10}") && Long.parseLong(text) <= Integer.MAX_VALUE
                ? OptionalInt.of(Integer.parseInt(text))
                : OptionalInt.empty();
    }

    private static DesiredState state(ApiObject pod) {
        return switch (pod.annotations().getOrDefault(PodAnnotations.DESIRED_STATE, "")) {
            case "Stopped" -> DesiredState.Stopped;
            case "Paused" -> DesiredState.Paused;
            default -> DesiredState.Running;
        };
    }

    /// Whether a main container has ended that somebody wants to begin again since.
    private static boolean isToBeginAgain(ApiObject pod) {
        for (JsonNode status : pod.status().path("containerStatuses")) {
            JsonNode ended = status.path("state").path("terminated");
            boolean isEarlier = Recorded.time(ended.path("startedAt"))
                    .or(() -> Recorded.time(ended.path("finishedAt")))
                    .filter(notBefore(pod)::isAfter)
                    .isPresent();
            if (isEarlier) {
                return true;
            }
        }
        return false;
    }

    private static Instant notBefore(ApiObject pod) {
        String moment = pod.annotations().getOrDefault(PodAnnotations.RESTARTED_AT, "");
        return Recorded.time(TextNode.valueOf(moment)).orElse(Instant.EPOCH);
    }

    private static Optional<Removal> removal(ApiObject pod) {
        Duration grace = Duration.ofSeconds(
                pod.metadata().path("deletionGracePeriodSeconds").asLong(0));
        // The time stamp was cut to whole seconds.
        return pod.deletionTimestamp().map(deadline -> new Removal(grace, deadline.plusSeconds(1)));
    }

    private static Optional<Instant> deadline(ApiObject pod) {
        JsonNode seconds = pod.spec().path("activeDeadlineSeconds");
        return seconds.isNumber()
                ? Recorded.time(pod.status().path("startTime")).map(begin -> begin.plusSeconds(seconds.asLong()))
                : Optional.empty();
    }

    private static List<WantedContainer> containers(ApiObject pod) {
        JsonNode spec = pod.spec();
        Instant notBefore = notBefore(pod);
        List<WantedContainer> containers = new ArrayList<>();
        for (JsonNode container : spec.path("initContainers")) {
            boolean stays = container.path("restartPolicy").asText().equals("Always");
            containers.add(container(container, stays ? Role.SIDECAR : Role.INIT, notBefore));
        }
        spec.path("containers").forEach(container -> containers.add(container(container, Role.MAIN, notBefore)));
        spec.path("ephemeralContainers")
                .forEach(container -> containers.add(container(container, Role.EPHEMERAL, Instant.EPOCH)));
        return containers;
    }

    private static WantedContainer container(JsonNode spec, Role role, Instant notBefore) {
        return new WantedContainer(
                spec.path("name").asText(), role, spec.path("image").asText(), notBefore, spec);
    }
}
