package dev.slipway.actor.probe;

import dev.slipway.desired.reconcile.Involved;
import dev.slipway.engine.runtime.ContainerName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One run of one container, as the rounds of its pod see it.
///
/// @param id of the run
/// @param about the container in its pod, for events
/// @param address of its pod
/// @param isPaused its processes are frozen
/// @param isLeaving it has been asked to end with its pod: whether it has started or is alive is of no interest any
///     more
/// @param earlier what the status says of this very run; empty for one that was started just now
public record Subject(
        ContainerName container,
        String id,
        Instant startedAt,
        Involved about,
        List<Probe> probes,
        Optional<Check> postStart,
        String address,
        boolean isPaused,
        boolean isLeaving,
        Optional<Earlier> earlier) {
    public Subject {
        probes = List.copyOf(probes);
    }

    /// What an earlier engine has found.
    public record Earlier(boolean started, boolean ready) {}

    Optional<Probe> probe(Probe.Kind kind) {
        return probes.stream().filter(probe -> probe.kind() == kind).findFirst();
    }

    Checker.Target target() {
        return new Checker.Target(container, address);
    }
}
