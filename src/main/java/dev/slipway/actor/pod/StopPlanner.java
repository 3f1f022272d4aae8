package dev.slipway.actor.pod;

import dev.slipway.actor.pod.PodAction.Cause;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.engine.runtime.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Decides whom of a pod to ask to end, and how long it gets.
///
/// @param tracks all containers of the pod, in order
/// @param actions where what is decided is added
record StopPlanner(WantedPod pod, PodHistory history, List<Track> tracks, Instant now, List<PodAction> actions) {
    private static final Duration LEAST_GRACE = Duration.ofSeconds(2);

    void all(Cause cause) {
        within(pod.grace(), cause);
    }

    /// Everybody at the same time, with no more grace than that.
    void within(Duration grace, Cause cause) {
        tracks.stream().filter(Track::isAlive).forEach(track -> one(track, now.plus(grace), cause));
    }

    /// The main containers first, then the sidecars one after the other, the last one first. Each of these gets a
    /// little time of its own, also when the others have used up all of it.
    void inOrder(Instant deadline) {
        List<Track> first = alive(Role.MAIN, Role.INIT, Role.EPHEMERAL);
        if (!first.isEmpty()) {
            first.forEach(track -> one(track, deadline, Cause.UNWANTED));
            return;
        }
        List<Track> sidecars = alive(Role.SIDECAR);
        if (!sidecars.isEmpty()) {
            Track last = sidecars.getLast();
            Instant least = now.plus(LEAST_GRACE);
            if (!history.stops().containsKey(last.name())) {
                one(last, deadline.isAfter(least) ? deadline : least, Cause.UNWANTED);
            }
        }
    }

    /// Asks once, and again only to make it sooner: a program may take a second signal for an order to give up.
    void one(Track track, Instant deadline, Cause cause) {
        int attempt = track.attempt().map(Attempt::number).orElseThrow();
        PodHistory.AskedStop asked = history.stops().get(track.name());
        boolean isAsked = asked != null
                && asked.attempt() == attempt
                && !deadline.plusSeconds(1).isBefore(asked.deadline());
        if (!isAsked) {
            Duration left = Duration.between(now, deadline);
            Duration grace =
                    left.isNegative() ? Duration.ZERO : min(left, pod.removal().map(WantedPod.Removal::grace));
            actions.add(new PodAction.Stop(track.wanted(), attempt, grace, deadline, cause));
        }
    }

    private List<Track> alive(Role... roles) {
        return tracks.stream()
                .filter(track -> track.isAlive()
                        && List.of(roles).contains(track.wanted().role()))
                .toList();
    }

    private static Duration min(Duration one, Optional<Duration> other) {
        return other.filter(limit -> limit.compareTo(one) < 0).orElse(one);
    }
}
