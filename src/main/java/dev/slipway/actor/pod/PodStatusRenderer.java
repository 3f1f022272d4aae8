package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.Track.Standing;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.desired.kind.QosClass;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.model.ContainerSpec.DesiredState;
import dev.slipway.engine.runtime.PodState;
import java.time.Instant;
import java.util.List;

/// What the status of a pod says, given what is. Fields and conditions that others wrote stay. Pure.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus Kubernetes:
///     PodStatus
final class PodStatusRenderer {
    static final String PENDING = "Pending";
    static final String RUNNING = "Running";
    static final String SUCCEEDED = "Succeeded";
    static final String FAILED = "Failed";

    static final String TOO_OLD = "Pod was active on the node longer than the specified deadline";

    private PodStatusRenderer() {}

    /// Whether a pod never leaves this phase.
    static boolean isOver(String phase) {
        return phase.equals(SUCCEEDED) || phase.equals(FAILED);
    }

    /// @return a status of its own; equal to the stored one when nothing changed, whatever `now` is
    static ObjectNode render(PodView view, Instant now) {
        List<Track> tracks = view.tracks();
        ObjectNode status = view.pod().status() instanceof ObjectNode stored
                ? stored.deepCopy()
                : ObjectCodec.json().createObjectNode();
        boolean hasEnded = !view.wanted().isOver() && tracks.stream().noneMatch(Track::isAlive);
        if (hasEnded && view.wanted().isExpired(now)) {
            fail(status, Reason.DEADLINE_EXCEEDED, TOO_OLD);
        } else if (hasEnded && view.excess().isPresent()) {
            fail(status, Reason.EVICTED, view.excess().get());
        } else {
            status.put("phase", phase(view, tracks));
            if (!view.wanted().isOver()) {
                // Of an end that was taken back by a stop and a start.
                status.remove(List.of("reason", "message"));
            }
        }
        PodConditions.render(view, tracks, status, now);
        containers(
                status,
                "initContainerStatuses",
                view,
                tracks.stream().filter(PodStatusRenderer::isOfTheBeginning).toList(),
                now);
        containers(status, "containerStatuses", view, PodView.of(tracks, Role.MAIN), now);
        containers(status, "ephemeralContainerStatuses", view, PodView.of(tracks, Role.EPHEMERAL), now);
        addresses(status, view);
        if (!status.has("startTime")) {
            status.put("startTime", Timestamps.seconds(now));
        }
        status.put("qosClass", QosClass.of(view.pod().spec()).toString());
        return status;
    }

    private static void fail(ObjectNode status, Reason reason, String message) {
        status.put("phase", FAILED).put("reason", reason.toString()).put("message", message);
    }

    private static String phase(PodView view, List<Track> tracks) {
        String stored = view.pod().status().path("phase").asText();
        if (view.wanted().isOver()) {
            return stored;
        }
        boolean isAlive = tracks.stream().anyMatch(Track::isAlive);
        List<Track> mains = PodView.of(tracks, Role.MAIN);
        boolean rests = view.wanted().state() == DesiredState.Stopped;
        if (rests && view.wanted().removal().isEmpty() && !isAlive) {
            return PENDING;
        }
        if (!isAlive && PodView.of(tracks, Role.INIT).stream().anyMatch(track -> hasFailed(view, track))) {
            return FAILED;
        }
        if (!isAlive && mains.stream().allMatch(track -> view.verdict(track) instanceof Verdict.IsOver)) {
            return mains.stream().anyMatch(track -> hasFailed(view, track)) ? FAILED : SUCCEEDED;
        }
        boolean hasBegun = mains.stream().noneMatch(PodStatusRenderer::isUnstarted);
        return hasBegun && PodConditions.isInitialized(tracks) ? RUNNING : PENDING;
    }

    private static boolean hasFailed(PodView view, Track track) {
        return view.verdict(track) instanceof Verdict.IsOver
                && track.standing() instanceof Standing.Ended ended
                && ended.exitCode() != 0;
    }

    private static boolean isUnstarted(Track track) {
        return track.standing() instanceof Standing.Fresh
                || track.standing() instanceof Standing.Created
                || track.isAlive() && !track.health().isGreeted();
    }

    private static boolean isOfTheBeginning(Track track) {
        return track.wanted().role() == Role.INIT || track.wanted().role() == Role.SIDECAR;
    }

    private static void containers(ObjectNode status, String list, PodView view, List<Track> tracks, Instant now) {
        if (tracks.isEmpty()) {
            status.remove(list);
            return;
        }
        ArrayNode statuses = status.putArray(list);
        tracks.forEach(track -> statuses.add(ContainerStatusRenderer.render(view, track, now)));
    }

    private static void addresses(ObjectNode status, PodView view) {
        String host = view.host().address();
        status.put("hostIP", host);
        status.putArray("hostIPs").addObject().put("ip", host);
        view.state()
                .sandbox()
                .map(PodState.Sandbox::address)
                .filter(address -> !address.isEmpty())
                .ifPresent(address -> {
                    status.put("podIP", address);
                    status.putArray("podIPs").addObject().put("ip", address);
                });
    }
}
