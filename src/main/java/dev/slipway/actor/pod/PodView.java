package dev.slipway.actor.pod;

import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.actor.probe.Health;
import dev.slipway.actor.resolve.Host;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.engine.runtime.PodState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All that a status is made of: what was stored, what was decided, and what the runtime says now.
///
/// @param before what the runtime said before anything was done; ends of runs stand in it that are forgotten by
///     now
/// @param verdicts by container
/// @param health of what runs now, by the id of the attempt
/// @param messages what a run that ended left to be read, by the id of the attempt
/// @param excess of a limit on what the pod writes to disk
record PodView(
        ApiObject pod,
        WantedPod wanted,
        PodState before,
        PodState state,
        Map<String, Health> health,
        Map<String, Verdict> verdicts,
        Map<String, String> messages,
        Optional<String> excess,
        Host host) {
    PodView {
        health = Map.copyOf(health);
        verdicts = Map.copyOf(verdicts);
        messages = Map.copyOf(messages);
    }

    /// The same, of a pod that was written meanwhile.
    PodView of(ApiObject written) {
        return new PodView(written, wanted, before, state, health, verdicts, messages, excess, host);
    }

    List<Track> tracks() {
        Map<String, Recorded> recorded = Recorded.of(pod);
        return wanted.containers().stream()
                .map(container -> Track.of(container, state, recorded, health))
                .toList();
    }

    Verdict verdict(Track track) {
        return verdicts.getOrDefault(track.name(), new Verdict.Stays());
    }

    static List<Track> of(List<Track> tracks, Role role) {
        return tracks.stream().filter(track -> track.wanted().role() == role).toList();
    }
}
