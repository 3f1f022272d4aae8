package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages;
import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.Decision.Waiting;
import dev.slipway.actor.pod.PodActions.Situation;
import dev.slipway.actor.pod.PodExecutor.Carried;
import dev.slipway.actor.probe.Care;
import dev.slipway.actor.probe.Health;
import dev.slipway.actor.probe.Probe;
import dev.slipway.actor.probe.Subject;
import dev.slipway.actor.probe.Subjects;
import dev.slipway.actor.resolve.Dependencies;
import dev.slipway.actor.resolve.Host;
import dev.slipway.actor.storage.StorageLimits;
import dev.slipway.actor.storage.StorageWatch;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.ContainerSpec.DesiredState;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Shortage;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.runtime.PodState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// One look at one pod, from its stored object to its status: decide, carry out, say what is. Everything that
/// can be done now is done in a row, before anything is written.
final class PodRound {
    private static final Logger LOG = Logger.getLogger(PodRound.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
    private static final int MOST_WRITES = 5;

    /// What every round works with.
    record Tools(
            ContainerRuntime runtime,
            PodImages images,
            ObjectStore store,
            PodWriter writer,
            Care care,
            StorageWatch storage,
            EventRecorder recorder,
            Shortage shortage,
            Host host,
            InstantSource clock) {}

    private final Tools tools;
    private final ObjectKey key;
    private final PodMemory memory;
    private final FactBook facts;
    private final WantedPod wanted;
    private final PodState before;
    private ApiObject pod;

    PodRound(Tools tools, ObjectKey key, ApiObject pod, PodMemory memory, FactBook facts) {
        this.tools = tools;
        this.key = key;
        this.pod = pod;
        this.memory = memory;
        this.facts = facts;
        this.wanted = WantedPod.of(pod);
        this.before = state();
    }

    Result run() throws InterruptedException {
        if (!isOurs() || isReleased()) {
            return Result.SETTLED;
        }
        boolean hasTurn = tools.shortage().takeTurn(key);
        if (hasTurn) {
            memory.remember(memory.history().withTurn());
        }
        if (pod.spec().path("nodeName").asText().isEmpty()) {
            PodEvents.of(tools.recorder(), pod).scheduled(tools.host().name());
        }
        Map<String, Recorded> recorded = Recorded.of(pod);
        Map<String, Health> health = health(before);
        Optional<String> unmet = new Dependencies(tools.store()::get, tools.runtime()::find).unmet(pod);
        Optional<String> excess = excess();
        Situation situation = new Situation(
                PodEvents.fullName(pod),
                wanted,
                before,
                health,
                recorded,
                unmet,
                excess,
                lacking(recorded, health),
                memory.history());
        Decision decision = PodActions.compute(situation, tools.clock().instant());
        Map<String, String> messages = new HashMap<>(messages(before, recorded, health));
        LOG.debugf("decided pod=%s actions=%s", key, decision.actions());
        Carried carried = new PodExecutor(tools, key, pod, wanted, memory).carryOut(decision);
        tools.shortage().note(key, hasTurn, carried.service());
        boolean ends = decision.actions().contains(new PodAction.RemovePod());
        PodState after = ends ? before : state();
        // What has ended meanwhile is told of in this very status, and later rounds do not look again.
        messages.putAll(ends ? Map.of() : messages(after, recorded, health));
        PodView view = new PodView(
                pod,
                wanted,
                before,
                after,
                ends ? Map.of() : health(after),
                carried.verdicts(),
                messages,
                excess,
                tools.host());
        facts.put(view, memory, tools.storage().usage(after.uid()));
        tell(view, carried);
        watchStorage(after);
        try {
            return ends ? end(view, carried) : write(view, carried);
        } catch (ApiException e) {
            if (PodWriter.isOvertaken(e)) {
                LOG.debugf("overtaken pod=%s", key);
                return Result.SETTLED;
            }
            LOG.warnf("status not written pod=%s: %s", key, e.getMessage());
            return new Result.Waiting(Reason.INTERNAL_ERROR.toString(), Duration.ZERO);
        }
    }

    /// Who has changed meanwhile what is wanted has not changed what is. It is told all the same: the next round would
    /// take what is wanted by then for what was started.
    private Result write(PodView view, Carried carried) throws ApiException {
        PodView told = view;
        for (int again = MOST_WRITES; true; again--) {
            try {
                return writeOnce(told, carried);
            } catch (ApiException e) {
                Optional<ApiObject> newer = again > 0 && PodWriter.isOvertaken(e) ? newer() : Optional.empty();
                pod = newer.orElseThrow(() -> e);
                told = told.of(pod);
            }
        }
    }

    /// The pod as it is now, if nobody else has told how it is.
    private Optional<ApiObject> newer() {
        return tools.store()
                .get(key)
                .filter(now -> now.uid().equals(pod.uid()) && now.status().equals(pod.status()));
    }

    private Result writeOnce(PodView view, Carried carried) throws ApiException {
        PodView bound = view;
        if (pod.spec().path("nodeName").asText().isEmpty()) {
            bound = view.of(tools.writer().bind(key, pod, tools.host().name()));
        }
        Optional<String> streaks = memory.history().unwritten(bound.pod());
        if (streaks.isPresent()) {
            bound = bound.of(tools.writer().streaks(key, bound.pod(), streaks.get()));
        }
        ObjectNode status = PodStatusRenderer.render(bound, tools.clock().instant());
        tools.writer().status(key, bound.pod(), status);
        return result(carried);
    }

    /// Nothing of the pod is left on this node.
    private Result end(PodView view, Carried carried) throws ApiException {
        if (carried.failure().isPresent()) {
            return result(carried);
        }
        if (!pod.finalizers().isEmpty()) {
            // Somebody will still look at how it ended.
            tools.writer()
                    .status(
                            key,
                            pod,
                            PodStatusRenderer.render(view, tools.clock().instant()));
        }
        return removed();
    }

    private Result removed() throws ApiException {
        memory.end();
        tools.storage().forget(new PodUid(pod.uid()));
        tools.writer().remove(key, pod.uid());
        return Result.SETTLED;
    }

    private Result result(Carried carried) {
        if (carried.failure().isPresent()) {
            return new Result.Waiting(carried.failure().get().reason(), Duration.ZERO);
        }
        Instant now = tools.clock().instant();
        Optional<Instant> deadline = wanted.isOver() || wanted.isExpired(now) ? Optional.empty() : wanted.deadline();
        return Stream.of(new Decision(List.of(), carried.verdicts()).next(), deadline)
                .flatMap(Optional::stream)
                .min(Instant::compareTo)
                .<Result>map(next -> new Result.Again(atLeast(SHORTEST_PAUSE, Duration.between(now, next))))
                .orElse(Result.SETTLED);
    }

    private static Duration atLeast(Duration least, Duration pause) {
        return pause.compareTo(least) < 0 ? least : pause;
    }

    private void tell(PodView view, Carried carried) {
        PodEvents events = PodEvents.of(tools.recorder(), pod);
        view.excess().filter(message -> memory.isNews("eviction", message)).ifPresent(events::evicted);
        boolean isTooOld = wanted.isExpired(tools.clock().instant()) && !wanted.isOver();
        if (isTooOld && memory.isNews("deadline", PodStatusRenderer.TOO_OLD)) {
            events.tooOld(PodStatusRenderer.TOO_OLD);
        }
        for (WantedContainer container : wanted.containers()) {
            if (carried.verdicts().get(container.name()) instanceof Verdict.Waits waits
                    && waits.waiting().reason().equals(Reason.CRASH_LOOP_BACK_OFF.toString())
                    && memory.isNews(
                            "back-off " + container.name(), waits.until().toString())) {
                events.backingOff(container);
            }
        }
    }

    /// Who is over, or has an excess behind it and may run again, begins anew.
    private Optional<String> excess() {
        PodUid uid = new PodUid(pod.uid());
        if (wanted.isOver() || wanted.wasStopped() || wanted.removal().isPresent()) {
            tools.storage().forget(uid);
        }
        return tools.storage().excess(uid);
    }

    /// What is not here yet of what shall take the place of what runs; it is fetched from now on.
    private Map<String, Waiting> lacking(Map<String, Recorded> recorded, Map<String, Health> health) {
        Map<String, Waiting> lacking = new HashMap<>();
        boolean goesOn = wanted.removal().isEmpty() && !wanted.isOver() && wanted.state() != DesiredState.Stopped;
        for (WantedContainer container : goesOn ? wanted.containers() : List.<WantedContainer>of()) {
            Track track = Track.of(container, before, recorded, health);
            if (track.isAlive() && track.isOutdated()) {
                Preparation.lacks(tools, key, pod, container)
                        .ifPresent(waiting -> lacking.put(container.name(), waiting));
            }
        }
        return lacking;
    }

    private void watchStorage(PodState state) {
        boolean writes = !wanted.isOver()
                && wanted.removal().isEmpty()
                && state.attempts().stream().anyMatch(attempt -> attempt.state().isAlive());
        tools.storage().watch(state.uid(), writes ? StorageLimits.of(pod) : StorageLimits.NONE);
    }

    private boolean isOurs() {
        String node = pod.spec().path("nodeName").asText();
        return node.isEmpty() || node.equals(tools.host().name());
    }

    /// Whether nothing of it is left here, and only others keep it in the store.
    private boolean isReleased() {
        return wanted.removal().filter(removal -> removal.grace().isZero()).isPresent()
                && !pod.finalizers().isEmpty()
                && before.sandbox().isEmpty()
                && before.attempts().isEmpty();
    }

    private Map<String, String> messages(PodState state, Map<String, Recorded> recorded, Map<String, Health> health) {
        return new TerminationMessages(tools.runtime())
                .of(wanted.containers().stream()
                        .map(container -> Track.of(container, state, recorded, health))
                        .toList());
    }

    /// How that is which runs; whoever is new is asked from now on.
    private Map<String, Health> health(PodState state) {
        boolean isLeaving = wanted.removal().isPresent() || wanted.state() == DesiredState.Stopped;
        Set<String> followers = new HashSet<>();
        List<Subject> subjects = Subjects.of(pod, state, isLeaving, attempt -> {
            Optional<Probe> probe = ofImage(attempt);
            probe.ifPresent(there -> followers.add(attempt.container().name()));
            return probe;
        });
        memory.follow(followers);
        tools.care().prober().watch(state.uid(), subjects);
        return tools.care().prober().health(state.uid());
    }

    private Optional<Probe> ofImage(Attempt attempt) {
        return "Follow".equals(pod.annotations().get(PodAnnotations.IMAGE_HEALTHCHECK))
                ? memory.imageCheck(attempt.image(), tools.images()::find)
                : Optional.empty();
    }

    private PodState state() {
        PodUid uid = new PodUid(pod.uid());
        return tools.runtime().find(uid).orElse(new PodState(uid, Optional.empty(), List.of()));
    }
}
