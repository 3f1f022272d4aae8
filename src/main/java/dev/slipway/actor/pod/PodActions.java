package dev.slipway.actor.pod;

import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.Decision.Waiting;
import dev.slipway.actor.pod.PodAction.Cause;
import dev.slipway.actor.pod.Track.Standing;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.actor.probe.GoText;
import dev.slipway.actor.probe.Health;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.ContainerSpec.DesiredState;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.PodState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides what to do about a pod: the one place that knows when a container is started, stopped and started
/// again. Pure.
///
/// ```
/// being deleted      stop main and init containers, then sidecars in reverse; when none is alive, remove the pod
/// over               nothing
/// too old            stop what is alive
/// wrote too much     stop what is alive, at once
/// sandbox lost       stop what is alive; then as below, from the first init container on
/// to be stopped      stop what is alive; make what was never made
/// to run (or pause)  init containers in order, sidecars among them; then the main containers, each by itself;
///                    ephemeral ones once, as soon as there is a sandbox; old images until the new ones are here
/// ```
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ Kubernetes: Pod Lifecycle
final class PodActions {
    private static final Verdict STAYS = new Verdict.Stays();
    private static final Verdict STARTS = new Verdict.Starts();
    private static final Verdict IS_OVER = new Verdict.IsOver();

    /// As the kubelet's: who fills the disk must not have long to go on.
    private static final Duration EVICTION_GRACE = Duration.ofSeconds(1);

    /// Whoever was ended for an illness has failed, however politely it went.
    private static final int ILL = 1;

    private final WantedPod pod;
    private final PodState state;
    private final PodHistory history;
    private final Situation situation;
    private final Instant now;
    private final List<Track> tracks;
    private final StopPlanner stops;

    private final List<PodAction> actions = new ArrayList<>();
    private final Map<String, Verdict> verdicts = new HashMap<>();

    /// All that a decision is made of.
    ///
    /// @param health by the ids of attempts
    /// @param unmet what has to be there before the pod begins
    /// @param lacking by container that runs and shall run another image: why that one is not here yet
    /// @param excess of a limit on what it writes to disk: it has to go
    /// @param fullName `<name>_<namespace>(<uid>)`, as the kubelet names pods to people
    record Situation(
            String fullName,
            WantedPod pod,
            PodState state,
            Map<String, Health> health,
            Map<String, Recorded> recorded,
            Optional<String> unmet,
            Optional<String> excess,
            Map<String, Waiting> lacking,
            PodHistory history) {}

    private PodActions(Situation situation, Instant now) {
        this.pod = situation.pod();
        this.state = situation.state();
        this.history = situation.history();
        this.situation = situation;
        this.now = now;
        this.tracks = pod.containers().stream()
                .map(container -> Track.of(container, state, situation.recorded(), situation.health()))
                .toList();
        this.stops = new StopPlanner(pod, history, tracks, now, actions);
    }

    static Decision compute(Situation situation, Instant now) {
        PodActions actions = new PodActions(situation, now);
        actions.decide();
        actions.tidy();
        actions.tracks.forEach(track -> actions.verdicts.putIfAbsent(track.name(), actions.rest(track)));
        return new Decision(actions.actions, actions.verdicts);
    }

    private void decide() {
        if (pod.removal().isPresent()) {
            remove(pod.removal().get());
        } else if (pod.isOver()) {
            return;
        } else if (pod.isExpired(now)) {
            stops.all(Cause.UNWANTED);
        } else if (situation.excess().isPresent()) {
            stops.within(EVICTION_GRACE, Cause.EVICTED);
        } else if (state.sandbox().isEmpty() && tracks.stream().anyMatch(Track::isAlive)) {
            stops.all(Cause.SANDBOX_LOST);
        } else if (pod.state() == DesiredState.Stopped) {
            putToRest();
        } else {
            run();
        }
    }

    private void remove(WantedPod.Removal removal) {
        if (removal.grace().isZero() || tracks.stream().noneMatch(Track::isAlive)) {
            actions.add(new PodAction.RemovePod());
        } else {
            stops.inOrder(removal.deadline());
        }
    }

    private void putToRest() {
        stops.all(Cause.UNWANTED);
        List<Track> unmade = tracks.stream()
                .filter(track -> track.wanted().role() == Role.MAIN && track.standing() instanceof Standing.Fresh)
                .toList();
        if (state.sandbox().isPresent() || !unmade.isEmpty()) {
            actions.add(new PodAction.EnsureSandbox());
        }
        for (Track track : unmade) {
            Optional<Verdict> refused = refused(track);
            if (refused.isEmpty()) {
                actions.add(new PodAction.Create(track.wanted(), track.next()));
            }
            verdicts.put(track.name(), refused.orElse(STAYS));
        }
    }

    private void run() {
        if (hasRunOut()) {
            end();
            return;
        }
        boolean begins = state.sandbox().isEmpty() || pod.wasStopped();
        if (begins && situation.unmet().isPresent() && tracks.stream().noneMatch(Track::isAlive)) {
            Waiting waiting =
                    Waiting.of(Reason.DEPENDENCY_NOT_READY, situation.unmet().get());
            tracks.forEach(track -> verdicts.put(track.name(), new Verdict.Waits(waiting, Optional.empty())));
            return;
        }
        if (state.sandbox().isEmpty()) {
            forgetInitialization();
        }
        int first = actions.size();
        if (initialize()) {
            of(Role.MAIN).forEach(this::keepRunning);
        }
        if (state.sandbox().isPresent()) {
            of(Role.EPHEMERAL).stream().filter(Track::isNew).forEach(track -> start(track, 0));
        }
        boolean starts = actions.stream().anyMatch(PodAction.Start.class::isInstance);
        if (state.sandbox().isPresent() || starts) {
            actions.add(first, new PodAction.EnsureSandbox());
        }
        freezeOrThaw();
    }

    /// What a lost sandbox was initialized by says nothing about the next one. Forgotten before that is made,
    /// it is forgotten also when the engine dies between.
    private void forgetInitialization() {
        for (Track init : of(Role.INIT)) {
            init.attempt()
                    .ifPresent(attempt -> actions.add(new PodAction.RemoveAttempt(init.name(), attempt.number())));
        }
    }

    /// Whether nothing is left to run: the main containers have ended for good, or will never begin.
    private boolean hasRunOut() {
        return of(Role.MAIN).stream().allMatch(this::isFinal)
                || of(Role.INIT).stream().anyMatch(this::isFailure);
    }

    private boolean isFinal(Track track) {
        return track.standing() instanceof Standing.Ended ended
                && !pod.wasStopped()
                && !track.isOutdated()
                && !history.isToRunAgain(track)
                && !restarts(track, ended);
    }

    private boolean isFailure(Track init) {
        return init.wasTried()
                && init.standing() instanceof Standing.Ended ended
                && ended.exitCode() != 0
                && pod.restartPolicy() == WantedPod.RestartPolicy.NEVER
                && !pod.wasStopped();
    }

    private void end() {
        stops.inOrder(now.plus(pod.grace()));
        for (Track track : tracks) {
            boolean isOver =
                    switch (track.wanted().role()) {
                        case MAIN -> isFinal(track);
                        case INIT -> isFailure(track);
                        case SIDECAR, EPHEMERAL -> track.standing() instanceof Standing.Ended;
                    };
            if (isOver) {
                verdicts.put(track.name(), IS_OVER);
            }
        }
    }

    /// Runs what comes before the main containers, one after the other.
    ///
    /// @return whether the main containers may run
    private boolean initialize() {
        boolean hasBegun = state.sandbox().isPresent()
                && of(Role.MAIN).stream().anyMatch(track -> track.attempt().isPresent());
        for (Track track : tracks) {
            switch (track.wanted().role()) {
                case INIT -> {
                    if (!isInitialized(track)) {
                        return false;
                    }
                }
                case SIDECAR -> {
                    keepRunning(track);
                    if (!hasBegun && holdsUp(track)) {
                        return false;
                    }
                }
                case MAIN, EPHEMERAL -> {}
            }
        }
        return true;
    }

    /// Whether what comes after a sidecar has to wait for it.
    private boolean holdsUp(Track sidecar) {
        return switch (verdicts.getOrDefault(sidecar.name(), STAYS)) {
            case Verdict.Stays stays -> !sidecar.hasStarted();
            case Verdict.Holds holds -> !sidecar.hasStarted();
            case Verdict.Resizes resizes -> !sidecar.hasStarted();
            case Verdict.Starts starts -> sidecar.wanted().takesTimeToStart();
            case Verdict.Waits waits -> true;
            case Verdict.IsOver over -> false;
        };
    }

    private boolean isInitialized(Track track) {
        switch (track.standing()) {
            case Standing.Fresh fresh -> start(track, 0);
            case Standing.Created created -> start(track, 0);
            case Standing.Alive alive -> verdicts.put(track.name(), STAYS);
            case Standing.Ended ended -> {
                boolean isForgotten =
                        state.sandbox().isEmpty() || track.attempt().isEmpty();
                if (isForgotten) {
                    start(track, 0);
                } else if (ended.exitCode() == 0) {
                    verdicts.put(track.name(), STAYS);
                    return true;
                } else {
                    restart(track, ended);
                }
            }
        }
        return false;
    }

    private void keepRunning(Track track) {
        switch (track.standing()) {
            case Standing.Fresh fresh -> start(track, 0);
            case Standing.Created created -> start(track, 0);
            case Standing.Alive alive -> {
                Optional<Waiting> lacks =
                        Optional.ofNullable(situation.lacking().get(track.name()));
                verdicts.put(
                        track.name(), lacks.<Verdict>map(Verdict.Holds::new).orElse(STAYS));
                if (track.isOutdated() && lacks.isEmpty()) {
                    stops.one(track, now.plus(pod.grace()), track.isToBeginAgain() ? Cause.RESTART : Cause.OUTDATED);
                } else {
                    track.health()
                            .illness()
                            .ifPresentOrElse(
                                    illness -> stops.one(
                                            track,
                                            now.plus(illness.grace().orElse(pod.grace())),
                                            Cause.of(illness.cause())),
                                    () -> resize(track));
                }
            }
            case Standing.Ended ended -> {
                if (pod.wasStopped() || track.isOutdated() || history.isToRunAgain(track)) {
                    start(track, 0);
                } else if (restarts(track, ended)) {
                    restart(track, ended);
                } else {
                    verdicts.put(track.name(), IS_OVER);
                }
            }
        }
    }

    private void resize(Track track) {
        switch (track.resize()) {
            case NONE -> {}
            case IN_PLACE -> {
                actions.add(new PodAction.Resize(track.wanted()));
                verdicts.put(track.name(), new Verdict.Resizes());
            }
            case WITH_RESTART -> stops.one(track, now.plus(pod.grace()), Cause.RESIZE);
        }
    }

    private boolean restarts(Track track, Standing.Ended ended) {
        return track.wanted().role() == Role.SIDECAR
                || pod.restarts(history.wasIll(track) ? ILL : ended.exitCode(), history.streak(track, ended));
    }

    private void restart(Track track, Standing.Ended ended) {
        int streak = history.streak(track, ended);
        Duration pause = PodHistory.pause(streak);
        Instant due = ended.at().plus(pause);
        // An end in the future: the clock was set back, and the pause would last until it is there again.
        if (due.isAfter(now) && !ended.at().isAfter(now)) {
            String message = "back-off %s restarting failed container=%s pod=%s"
                    .formatted(GoText.duration(pause), track.name(), situation.fullName());
            Waiting waiting = Waiting.of(Reason.CRASH_LOOP_BACK_OFF, message);
            verdicts.put(track.name(), new Verdict.Waits(waiting, Optional.of(due)));
        } else {
            start(track, streak + 1);
        }
    }

    private void start(Track track, int streak) {
        Optional<Verdict> refused = refused(track);
        if (refused.isEmpty()) {
            actions.add(new PodAction.Start(track.wanted(), track.next(), streak));
            if (pod.state() == DesiredState.Paused) {
                actions.add(new PodAction.Pause(track.name()));
            }
        }
        verdicts.put(track.name(), refused.orElse(STARTS));
    }

    private Optional<Verdict> refused(Track track) {
        return history.refusal(track.wanted(), now)
                .map(refusal -> new Verdict.Waits(refusal.waiting(), refusal.next()));
    }

    private void freezeOrThaw() {
        for (Track track : tracks) {
            boolean isEnding = history.isAskedToEnd(track)
                    || actions.stream()
                            .anyMatch(action -> action instanceof PodAction.Stop stop
                                    && stop.container().equals(track.wanted()));
            if (track.standing() instanceof Standing.Alive alive && !isEnding) {
                if (pod.state() == DesiredState.Paused && (!alive.isPaused() || track.isHeld())) {
                    actions.add(new PodAction.Pause(track.name()));
                } else if (pod.state() == DesiredState.Running && alive.isPaused() && !track.isHeld()) {
                    actions.add(new PodAction.Resume(track.name()));
                }
            }
        }
    }

    /// Removes runs whose end stands in the status.
    private void tidy() {
        for (Track track : pod.removal().isPresent() ? List.<Track>of() : tracks) {
            int latest = track.attempt().map(Attempt::number).orElse(0);
            for (Attempt attempt : state.attempts()) {
                boolean isOld = attempt.container().name().equals(track.name()) && attempt.number() < latest;
                if (isOld && (track.recorded().knowsEndOf(attempt.id()) || attempt.number() < latest - 1)) {
                    actions.add(new PodAction.RemoveAttempt(track.name(), attempt.number()));
                }
            }
        }
    }

    /// What becomes of a container that nobody has spoken of.
    private Verdict rest(Track track) {
        boolean hasEnded = track.standing() instanceof Standing.Ended;
        boolean isEvicted = situation.excess().isPresent();
        boolean isEnding = pod.removal().isPresent() || pod.isOver() || pod.isExpired(now) || isEvicted;
        if (hasEnded && isEnding) {
            return IS_OVER;
        }
        boolean isLeftAlone = isEnding || pod.state() == DesiredState.Stopped;
        return hasEnded || track.isAlive() || isLeftAlone
                ? STAYS
                : new Verdict.Waits(Waiting.usual(pod), Optional.empty());
    }

    private List<Track> of(Role role) {
        return tracks.stream().filter(track -> track.wanted().role() == role).toList();
    }
}
