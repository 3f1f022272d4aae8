package dev.slipway.actor.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.actor.probe.Subject.Earlier;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.PodState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Finds what of a pod has to be asked, or greeted. Pure.
public final class Subjects {
    private final ApiObject pod;
    private final PodState state;
    private final boolean isLeaving;
    private final Function<Attempt, Optional<Probe>> ofImage;
    private final List<Subject> subjects = new ArrayList<>();

    private Subjects(ApiObject pod, PodState state, boolean isLeaving, Function<Attempt, Optional<Probe>> ofImage) {
        this.pod = pod;
        this.state = state;
        this.isLeaving = isLeaving;
        this.ofImage = ofImage;
    }

    /// Every container that runs, or is paused, and has probes or a hook at its beginning.
    ///
    /// @param isLeaving it has been asked to end
    /// @param ofImage what the image of a run says, for main containers that have no probes of their own
    public static List<Subject> of(
            ApiObject pod, PodState state, boolean isLeaving, Function<Attempt, Optional<Probe>> ofImage) {
        Subjects found = new Subjects(pod, state, isLeaving, ofImage);
        found.add("initContainers", "initContainerStatuses");
        found.add("containers", "containerStatuses");
        return List.copyOf(found.subjects);
    }

    private void add(String list, String statuses) {
        for (JsonNode container : pod.spec().path(list)) {
            List<Probe> declared = ProbeReader.probes(container);
            boolean mayFollow = declared.isEmpty() && list.equals("containers");
            Optional<Check> hook = ProbeReader.hook(container, "postStart");
            String name = container.path("name").asText();
            Involved about = Involved.of(pod).at("spec.%s{%s}".formatted(list, name));
            state.latest(name).ifPresent(attempt -> {
                List<Probe> probes =
                        mayFollow ? ofImage.apply(attempt).map(List::of).orElse(List.of()) : declared;
                if (!probes.isEmpty() || hook.isPresent()) {
                    subject(attempt, about, probes, hook, status(statuses, name))
                            .ifPresent(subjects::add);
                }
            });
        }
    }

    private Optional<Subject> subject(
            Attempt attempt, Involved about, List<Probe> probes, Optional<Check> hook, JsonNode status) {
        return startedAt(attempt.state())
                .map(startedAt -> new Subject(
                        attempt.container(),
                        attempt.id(),
                        startedAt,
                        about,
                        probes,
                        hook,
                        state.sandbox().map(PodState.Sandbox::address).orElse(""),
                        attempt.state() instanceof ContainerState.Paused,
                        isLeaving,
                        earlier(attempt, status)));
    }

    private static Optional<Instant> startedAt(ContainerState state) {
        return switch (state) {
            case ContainerState.Running running -> Optional.of(running.startedAt());
            case ContainerState.Paused paused -> Optional.of(paused.startedAt());
            case ContainerState.Created created -> Optional.empty();
            case ContainerState.Exited exited -> Optional.empty();
            case ContainerState.Lost lost -> Optional.empty();
        };
    }

    private static Optional<Earlier> earlier(Attempt attempt, JsonNode status) {
        boolean isOfThisRun = status.path("containerID").asText().endsWith("://" + attempt.id());
        return isOfThisRun
                ? Optional.of(new Earlier(
                        status.path("started").asBoolean(), status.path("ready").asBoolean()))
                : Optional.empty();
    }

    private JsonNode status(String list, String name) {
        for (JsonNode status : pod.status().path(list)) {
            if (status.path("name").asText().equals(name)) {
                return status;
            }
        }
        return MissingNode.getInstance();
    }
}
