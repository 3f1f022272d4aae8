package dev.slipway.actor.pod;

import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.PodState;
import dev.slipway.engine.runtime.StorageUsage;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Keeps the facts of every pod, written by the pods' workers. Thread-safe: it is one concurrent map of
/// immutable maps.
final class FactBook implements PodFacts {
    private static final GroupResource CONTAINERS = new GroupResource(OwnGroup.GROUP, "containers");

    private final Map<String, Map<String, ContainerFacts>> byPod = new ConcurrentHashMap<>();
    private volatile Consumer<ObjectKey> listener = container -> {};

    /// @param changed hears the key of each Container whose facts have changed although its Pod's status may be the
    ///     same
    void listen(Consumer<ObjectKey> changed) {
        listener = changed;
    }

    @Override
    public Optional<ContainerFacts> container(String podUid, String container) {
        return Optional.ofNullable(byPod.getOrDefault(podUid, Map.of()).get(container));
    }

    /// Notes what a round has found.
    void put(PodView view, PodMemory memory, Optional<StorageUsage> usage) {
        Map<String, ContainerFacts> facts = new HashMap<>();
        for (Track track : view.tracks()) {
            Optional<Instant> next =
                    view.verdict(track) instanceof Verdict.Waits waits ? waits.until() : Optional.empty();
            facts.put(
                    track.name(),
                    new ContainerFacts(
                            track.attempt().map(Attempt::state).flatMap(FactBook::pid),
                            next,
                            memory.imageVolumes(track.name()),
                            usage.flatMap(used -> written(used, track.name())),
                            memory.followsImage(track.name()),
                            view.state()
                                    .sandbox()
                                    .flatMap(PodState.Sandbox::users)
                                    .map(FactBook::users),
                            PodConditions.complaint(track)));
        }
        Map<String, ContainerFacts> before = byPod.put(view.pod().uid(), Map.copyOf(facts));
        if (before != null && !written(before).equals(written(facts))) {
            listener.accept(
                    new ObjectKey(CONTAINERS, view.pod().namespace(), view.pod().name()));
        }
    }

    void forget(String podUid) {
        byPod.remove(podUid);
    }

    private static Optional<Written> written(StorageUsage usage, String container) {
        return Optional.ofNullable(usage.containers().get(container))
                .map(each -> new Written(each.layer().bytes(), each.layer().files()));
    }

    private static Map<String, Optional<Written>> written(Map<String, ContainerFacts> facts) {
        return facts.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue()
                .written()));
    }

    private static Users users(PodState.Users users) {
        return new Users(users.firstHostId(), users.size());
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
