package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.Decision.Waiting;
import dev.slipway.actor.pod.Track.Standing;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.actor.resolve.Containers;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.model.ContainerSpec.DesiredState;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerState;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What the status of a pod says about one of its containers. Pure.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus Kubernetes:
///     PodStatus
final class ContainerStatusRenderer {
    private static final String NOT_FOUND = "The container could not be located when the pod was terminated";
    private static final int UNKNOWN_EXIT = 137;
    private static final int NOT_EXECUTED_EXIT = 128;

    private final PodView view;
    private final Track track;
    private final Instant now;
    private final ObjectNode status = ObjectCodec.json().createObjectNode();

    private ContainerStatusRenderer(PodView view, Track track, Instant now) {
        this.view = view;
        this.track = track;
        this.now = now;
    }

    static ObjectNode render(PodView view, Track track, Instant now) {
        return new ContainerStatusRenderer(view, track, now).render();
    }

    private ObjectNode render() {
        Optional<Attempt> attempt = track.attempt();
        status.put("name", track.name());
        status.put("image", image());
        status.put("imageID", imageId());
        attempt.map(latest -> Recorded.ID_PREFIX + latest.id())
                .or(() -> Optional.of(
                                track.recorded().status().path("containerID").asText())
                        .filter(id -> !id.isEmpty()))
                .ifPresent(id -> status.put("containerID", id));
        status.put(
                "restartCount",
                attempt.map(Attempt::number).orElse(track.recorded().restartCount()));
        resources();
        mountedImages();
        status.put("started", track.hasStarted());
        status.put("ready", isReady(track));
        ObjectNode state = status.putObject("state");
        ObjectNode last = status.putObject("lastState");
        if (view.verdict(track) instanceof Verdict.Waits(Waiting end, Optional<Instant> _) && end.isEnd()) {
            state.set("terminated", neverBegun(end));
            return status;
        }
        switch (track.standing()) {
            case Standing.Alive alive -> {
                greeting().ifPresentOrElse(waiting -> waiting(state, waiting), () -> running(state));
                previous(last);
            }
            case Standing.Ended ended -> {
                if (view.verdict(track) instanceof Verdict.Waits waits) {
                    waiting(state, waits.waiting());
                    last.set("terminated", end());
                } else {
                    state.set("terminated", end());
                    previous(last);
                }
            }
            case Standing.Created created -> waiting(state, unstarted());
            case Standing.Fresh fresh -> waiting(state, unstarted());
        }
        return status;
    }

    /// A container that is to stay is ready while it runs, one that is to end when it has ended well.
    static boolean isReady(Track track) {
        return switch (track.standing()) {
            case Standing.Alive alive ->
                !alive.isPaused()
                        && track.wanted().role() != Role.INIT
                        && track.wanted().role() != Role.EPHEMERAL
                        && track.health().ready();
            case Standing.Ended ended -> track.wanted().role() == Role.INIT && ended.exitCode() == 0;
            case Standing.Created created -> false;
            case Standing.Fresh fresh -> false;
        };
    }

    /// What it may use: what it was started with or changed to, not what is only wanted.
    private void resources() {
        boolean keeps = isRecorded() && !(view.verdict(track) instanceof Verdict.Resizes);
        JsonNode resources = keeps
                ? track.recorded().status().path("resources")
                : track.wanted().spec().path("resources");
        if (!resources.isEmpty() && track.attempt().isPresent()) {
            status.set("resources", resources.deepCopy());
            if (resources.path("requests").isObject()) {
                status.set("allocatedResources", resources.path("requests").deepCopy());
            }
        }
    }

    /// Which images it has mounted: as long as it is there they are, though others have their names meanwhile.
    private void mountedImages() {
        if (track.attempt().isEmpty()) {
            JsonNode known = track.recorded().status().path("volumeMounts");
            if (known.isArray()) {
                status.set("volumeMounts", known.deepCopy());
            }
            return;
        }
        Map<String, Digest> mounted = track.attempt().get().mounted();
        for (JsonNode mount : track.wanted().spec().path("volumeMounts")) {
            Digest image = mounted.get(Containers.path(mount));
            if (image != null) {
                ObjectNode entry = status.withArray("volumeMounts").addObject();
                entry.put("name", mount.path("name").asText());
                entry.put("mountPath", mount.path("mountPath").asText());
                entry.put("readOnly", true);
                entry.putObject("volumeStatus").putObject("image").put("imageRef", image.value());
            }
        }
    }

    /// Until its hook has run it counts as being created.
    private Optional<Waiting> greeting() {
        if (track.health().isGreeted()) {
            return Optional.empty();
        }
        return Optional.of(track.health()
                .illness()
                .map(illness -> Waiting.of(Reason.POST_START_HOOK_ERROR, illness.message()))
                .orElseGet(() -> Waiting.usual(view.wanted())));
    }

    private Waiting unstarted() {
        if (view.verdict(track) instanceof Verdict.Waits waits) {
            return waits.waiting();
        }
        return view.wanted().state() == DesiredState.Stopped
                ? Waiting.of(Reason.STOPPED, "")
                : Waiting.usual(view.wanted());
    }

    private static void waiting(ObjectNode state, Waiting waiting) {
        ObjectNode node = state.putObject("waiting").put("reason", waiting.reason());
        if (!waiting.message().isEmpty()) {
            node.put("message", waiting.message());
        }
    }

    private void running(ObjectNode state) {
        Instant startedAt =
                switch (track.attempt().orElseThrow().state()) {
                    case ContainerState.Running running -> running.startedAt();
                    case ContainerState.Paused paused -> paused.startedAt();
                    case ContainerState.Created created -> throw new IllegalStateException("it was not started");
                    case ContainerState.Exited exited -> throw new IllegalStateException("it has ended");
                    case ContainerState.Lost lost -> throw new IllegalStateException("it has ended");
                };
        state.putObject("running").put("startedAt", Timestamps.seconds(startedAt));
    }

    /// The end of the latest run.
    private ObjectNode end() {
        return track.attempt().map(this::end).orElseGet(this::recordedEnd);
    }

    private ObjectNode end(Attempt attempt) {
        Optional<JsonNode> known = Stream.of(
                        track.recorded().terminated(), track.recorded().lastTerminated())
                .flatMap(Optional::stream)
                .filter(end -> end.path("containerID").asText().equals(Recorded.ID_PREFIX + attempt.id()))
                .findFirst();
        if (known.isPresent()) {
            return known.get().deepCopy();
        }
        ObjectNode end = ObjectCodec.json().createObjectNode();
        switch (attempt.state()) {
            case ContainerState.Exited exited -> ended(end, exited);
            case ContainerState.Lost lost -> unknown(end).put("finishedAt", Timestamps.seconds(lost.noticedAt()));
            case ContainerState.Created created -> throw new IllegalStateException("it has not ended");
            case ContainerState.Running running -> throw new IllegalStateException("it has not ended");
            case ContainerState.Paused paused -> throw new IllegalStateException("it has not ended");
        }
        String message = view.messages().getOrDefault(attempt.id(), "");
        if (!message.isEmpty()) {
            end.put("message", message);
        }
        return end.put("containerID", Recorded.ID_PREFIX + attempt.id());
    }

    private static void ended(ObjectNode end, ContainerState.Exited exited) {
        Reason failure = exited.oomKilled() ? Reason.OOM_KILLED : Reason.ERROR;
        Reason reason = exited.exitCode() == 0 ? Reason.COMPLETED : failure;
        end.put("exitCode", exited.exitCode());
        if (exited.signal() != 0) {
            end.put("signal", exited.signal());
        }
        end.put("reason", reason.toString());
        end.put("startedAt", Timestamps.seconds(exited.startedAt()));
        end.put("finishedAt", Timestamps.seconds(exited.finishedAt()));
    }

    /// As containerd has it of a program that it cannot execute. The times are rounded up: whoever asked for this start
    /// did so before it failed.
    private ObjectNode neverBegun(Waiting end) {
        String time = Timestamps.seconds(now.plusMillis(999));
        return ObjectCodec.json()
                .createObjectNode()
                .put("exitCode", NOT_EXECUTED_EXIT)
                .put("reason", end.reason())
                .put("message", end.message())
                .put("startedAt", time)
                .put("finishedAt", time);
    }

    private static ObjectNode unknown(ObjectNode end) {
        return end.put("exitCode", UNKNOWN_EXIT)
                .put("reason", Reason.CONTAINER_STATUS_UNKNOWN.toString())
                .put("message", NOT_FOUND);
    }

    /// The end of a run that the runtime does not know; one that ran when last seen ended nobody knows how.
    private ObjectNode recordedEnd() {
        Optional<JsonNode> known = track.recorded().terminated();
        if (known.isPresent()) {
            return known.get().deepCopy();
        }
        JsonNode recorded = track.recorded().status();
        if (!track.recorded().isRunning()) {
            return track.recorded()
                    .lastTerminated()
                    .map(end -> (ObjectNode) end.deepCopy())
                    .orElseGet(() -> unknown(ObjectCodec.json().createObjectNode()));
        }
        ObjectNode end = unknown(ObjectCodec.json().createObjectNode());
        end.set("startedAt", recorded.path("state").path("running").path("startedAt"));
        return end.put("containerID", recorded.path("containerID").asText());
    }

    /// The end of the run before the latest.
    private void previous(ObjectNode last) {
        int latest = track.attempt().map(Attempt::number).orElse(0);
        JsonNode recorded = track.recorded().status();
        Optional<Attempt> before = Stream.concat(view.before().attempts().stream(), view.state().attempts().stream())
                .filter(attempt -> attempt.container().name().equals(track.name()) && attempt.number() < latest)
                .filter(attempt -> attempt.state() instanceof ContainerState.Exited
                        || attempt.state() instanceof ContainerState.Lost)
                .max(Comparator.comparingInt(Attempt::number));
        boolean isSameRun = track.attempt()
                .map(Attempt::id)
                .orElse("")
                .equals(track.recorded().id());
        if (before.isPresent()) {
            last.set("terminated", end(before.get()));
        } else if (isSameRun) {
            last.setAll((ObjectNode) copyOf(recorded.path("lastState")));
        } else if (track.recorded().hasRun() && track.attempt().isPresent()) {
            last.set("terminated", recordedEnd());
        } else {
            last.setAll((ObjectNode) copyOf(recorded.path("lastState")));
        }
    }

    private static JsonNode copyOf(JsonNode node) {
        return node.isObject() ? node.deepCopy() : ObjectCodec.json().createObjectNode();
    }

    private boolean isRecorded() {
        return track.attempt()
                        .map(Attempt::id)
                        .orElse("")
                        .equals(track.recorded().id())
                && !track.recorded().id().isEmpty();
    }

    private String image() {
        return isRecorded() ? track.recorded().image() : track.wanted().image();
    }

    /// `<repository>@<digest>` of what runs.
    private String imageId() {
        JsonNode known = isRecorded() || track.attempt().isEmpty()
                ? track.recorded().status().path("imageID")
                : MissingNode.getInstance();
        if (!known.isMissingNode() || track.attempt().isEmpty()) {
            return known.asText();
        }
        String digest = track.attempt().get().image().value();
        try {
            return Reference.parse(track.wanted().image()).repository() + "@" + digest;
        } catch (InvalidReferenceException e) {
            // It runs all the same: a Tag or an Image of that name was found.
            return digest;
        }
    }
}
