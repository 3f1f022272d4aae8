package dev.slipway.actor.pod;

import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerState;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps the facts of every pod, written by the pods' workers. Thread-safe: it is one concurrent map of
/// immutable maps.
final class FactBook implements PodFacts {
    private final Map<String, Map<String, ContainerFacts>> byPod = new ConcurrentHashMap<>();

    @Override
    public Optional<ContainerFacts> container(String podUid, String container) {
        return Optional.ofNullable(byPod.getOrDefault(podUid, Map.of()).get(container));
    }

    /// Notes what a round has found.
    void put(PodView view, PodMemory memory) {
        Map<String, ContainerFacts> facts = new HashMap<>();
        for (Track track : view.tracks()) {
            Optional<Instant> next =
                    view.verdict(track) instanceof Verdict.Waits waits ? waits.until() : Optional.empty();
            facts.put(
                    track.name(),
                    new ContainerFacts(
                            track.attempt().map(Attempt::state).flatMap(FactBook::pid),
                            next,
                            memory.imageVolumes(track.name())));
        }
        byPod.put(view.pod().uid(), Map.copyOf(facts));
    }

    void forget(String podUid) {
        byPod.remove(podUid);
    }

    private static Optional<Long> pid(ContainerState state) {
        return switch (state) {
            case ContainerState.Running running -> Optional.of((long) running.pid());
            case ContainerState.Paused paused -> Optional.of((long) paused.pid());
            case ContainerState.Created created -> Optional.empty();
            case ContainerState.Exited exited -> Optional.empty();
            case ContainerState.Lost lost -> Optional.empty();
        };
    }
}
