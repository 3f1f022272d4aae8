package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.Decision.Waiting;
import dev.slipway.actor.pod.Track.Standing;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.PrintableText;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.model.ContainerSpec.DesiredState;
import dev.slipway.engine.runtime.Attempt;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The conditions of a pod: Kubernetes' own, and `Paused`, `Stopped` and `ImageChangePending`, which are there while
/// they are true.
/// Those that others wrote stay. Pure.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions Kubernetes: Pod
///     conditions
final class PodConditions {
    static final String STOPPED = "Stopped";
    static final String PAUSED = "Paused";
    private static final int LONGEST_COMPLAINT = 300;

    /// What runs is not what is wanted, because the image of that is not here.
    static final String IMAGE_CHANGE_PENDING = "ImageChangePending";

    private final PodView view;
    private final List<Track> tracks;
    private final ObjectNode status;
    private final Instant now;

    private PodConditions(PodView view, List<Track> tracks, ObjectNode status, Instant now) {
        this.view = view;
        this.tracks = tracks;
        this.status = status;
        this.now = now;
    }

    /// @param status with its phase
    static void render(PodView view, List<Track> tracks, ObjectNode status, Instant now) {
        new PodConditions(view, tracks, status, now).render();
    }

    /// Whether the main containers may run.
    static boolean isInitialized(List<Track> tracks) {
        return tracks.stream().noneMatch(PodConditions::isPending);
    }

    private static boolean isPending(Track track) {
        return switch (track.wanted().role()) {
            case INIT -> !(track.standing() instanceof Standing.Ended ended && ended.exitCode() == 0);
            case SIDECAR -> !(track.hasStarted() || track.standing() instanceof Standing.Ended);
            case MAIN, EPHEMERAL -> false;
        };
    }

    private void render() {
        String phase = status.path("phase").asText();
        boolean hasSandbox = view.state().sandbox().isPresent() && !PodStatusRenderer.isOver(phase);
        set("PodReadyToStartContainers", hasSandbox, "", "");
        set("PodScheduled", true, "", "");
        initialized(phase);
        ready(phase);
        List<Track> mains = PodView.of(tracks, Role.MAIN);
        boolean isPaused = mains.stream().anyMatch(PodConditions::isPaused)
                && mains.stream().noneMatch(track -> track.isAlive() && !isPaused(track));
        mark(PAUSED, isPaused, "its processes are frozen");
        boolean isStopped = view.wanted().state() == DesiredState.Stopped
                && view.wanted().removal().isEmpty()
                && tracks.stream().noneMatch(Track::isAlive);
        boolean isLeaving = view.wanted().wasStopped()
                && view.wanted().state() != DesiredState.Stopped
                && tracks.stream().noneMatch(this::couldNotBegin)
                && mains.stream().anyMatch(PodConditions::isNotStartedAgain);
        mark(STOPPED, isStopped || isLeaving, "it has no process, as is desired");
        imageChange();
    }

    private void imageChange() {
        for (Track track : tracks) {
            if (view.verdict(track) instanceof Verdict.Holds(Waiting waiting)) {
                String message = "container %s goes on with the image that it has: %s"
                        .formatted(track.name(), waiting.message());
                set(IMAGE_CHANGE_PENDING, true, waiting.reason(), message);
                return;
            }
        }
        Conditions.remove(status, IMAGE_CHANGE_PENDING);
    }

    private boolean couldNotBegin(Track track) {
        return view.verdict(track) instanceof Verdict.Waits waits
                && waits.waiting().isEnd();
    }

    private static boolean isNotStartedAgain(Track track) {
        String known = track.recorded().id();
        return track.standing() instanceof Standing.Ended
                && track.attempt().map(Attempt::id).orElse(known).equals(known);
    }

    private void initialized(String phase) {
        List<String> pending = tracks.stream()
                .filter(PodConditions::isPending)
                .map(Track::name)
                .toList();
        if (pending.isEmpty() || phase.equals(PodStatusRenderer.SUCCEEDED)) {
            boolean hasSucceeded = phase.equals(PodStatusRenderer.SUCCEEDED);
            set("Initialized", true, hasSucceeded ? Reason.POD_COMPLETED.toString() : "", "");
        } else {
            set(
                    "Initialized",
                    false,
                    Reason.CONTAINERS_NOT_INITIALIZED.toString(),
                    "containers with incomplete status: [" + String.join(" ", pending) + "]");
        }
    }

    private void ready(String phase) {
        List<String> unready = tracks.stream()
                .filter(track -> track.wanted().role() != Role.INIT
                        && track.wanted().role() != Role.EPHEMERAL
                        && !ContainerStatusRenderer.isReady(track))
                .map(Track::name)
                .toList();
        boolean isReady = unready.isEmpty() && phase.equals(PodStatusRenderer.RUNNING);
        String reason = isReady ? "" : unreadyReason(phase).toString();
        String message = isReady ? "" : unreadyMessage(unreadyReason(phase), unready);
        set("ContainersReady", isReady, reason, message);
        set("Ready", isReady, reason, message);
    }

    private Reason unreadyReason(String phase) {
        return switch (phase) {
            case PodStatusRenderer.SUCCEEDED -> Reason.POD_COMPLETED;
            case PodStatusRenderer.FAILED -> Reason.POD_FAILED;
            default -> {
                boolean isFrozen = tracks.stream().anyMatch(PodConditions::isPaused);
                boolean rests = view.wanted().state() == DesiredState.Stopped;
                yield rests ? Reason.STOPPED : isFrozen ? Reason.PAUSED : Reason.CONTAINERS_NOT_READY;
            }
        };
    }

    private String unreadyMessage(Reason reason, List<String> unready) {
        return switch (reason) {
            case CONTAINERS_NOT_READY ->
                Stream.concat(
                                Stream.of("containers with unready status: [" + String.join(" ", unready) + "]"),
                                tracks.stream().flatMap(track -> hindrance(track).stream()))
                        .collect(Collectors.joining("; "));
            case POD_FAILED -> status.has("message") ? status.path("message").asText() : failures();
            default -> "";
        };
    }

    /// Why it runs and is not ready, as its probe was answered, in one line that is not too long; or empty.
    static String complaint(Track track) {
        String line =
                track.isAlive() ? PrintableText.line(track.health().complaint().strip()) : "";
        return line.length() > LONGEST_COMPLAINT ? line.substring(0, LONGEST_COMPLAINT) + "..." : line;
    }

    /// Why a container has no process, unless it is on its way, or is not ready.
    private Optional<String> hindrance(Track track) {
        String complaint = complaint(track);
        if (!complaint.isEmpty()) {
            return Optional.of(track.name() + ": " + complaint);
        }
        if (!(view.verdict(track) instanceof Verdict.Waits waits)
                || waits.waiting().equals(Waiting.usual(view.wanted()))) {
            return Optional.empty();
        }
        Waiting waiting = waits.waiting();
        String message = waiting.message().isEmpty() ? "" : ": " + waiting.message();
        return Optional.of(track.name() + ": " + waiting.reason() + message);
    }

    /// How those containers ended that did not end well.
    private String failures() {
        return tracks.stream()
                .filter(track -> track.standing() instanceof Standing.Ended ended && ended.exitCode() != 0)
                .map(track -> ContainerStatusRenderer.render(view, track, now))
                .map(each -> "%s: %s, exit code %d%s"
                        .formatted(
                                each.path("name").asText(),
                                each.at("/state/terminated/reason").asText(),
                                each.at("/state/terminated/exitCode").asInt(),
                                why(each.at("/state/terminated"))))
                .collect(Collectors.joining("; "));
    }

    private static String why(JsonNode end) {
        boolean isOurs = end.path("reason").asText().equals(Reason.START_ERROR.toString());
        return isOurs ? ": " + end.path("message").asText() : "";
    }

    private static boolean isPaused(Track track) {
        return track.standing() instanceof Standing.Alive alive && alive.isPaused();
    }

    private void mark(String type, boolean isTrue, String message) {
        if (isTrue) {
            set(type, true, type, message);
        } else {
            Conditions.remove(status, type);
        }
    }

    /// As the kubelet writes conditions: without fields that say nothing.
    private void set(String type, boolean isTrue, String reason, String message) {
        ObjectNode entry = entry(type);
        String value = isTrue ? "True" : "False";
        if (!entry.path("status").asText().equals(value)) {
            entry.put("lastTransitionTime", Timestamps.seconds(now));
        }
        entry.put("status", value);
        put(entry, "reason", reason);
        put(entry, "message", message);
    }

    private static void put(ObjectNode entry, String field, String text) {
        if (text.isEmpty()) {
            entry.remove(field);
        } else {
            entry.put(field, text);
        }
    }

    private ObjectNode entry(String type) {
        ArrayNode conditions = status.withArray("/conditions");
        for (JsonNode entry : conditions) {
            if (entry instanceof ObjectNode found && found.path("type").asText().equals(type)) {
                return found;
            }
        }
        return conditions.addObject().put("type", type);
    }
}
