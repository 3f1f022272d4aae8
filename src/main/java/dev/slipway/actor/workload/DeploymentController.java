package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.TagConsumers;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Keeps one ReplicaSet for each version of a Deployment's pods, and leads from the old ones to the newest.
///
/// A round looks, takes at most one step, looks again and reports; what it did comes back as an event and starts the
/// next round. Thread-safe.
public final class DeploymentController implements Controller {
    private static final Logger LOG = Logger.getLogger(DeploymentController.class);

    /// Times of conditions are whole seconds: a deadline is over when the next one begins.
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Workloads workloads;
    private final Claims claims;
    private final ReplicaSetWriter sets;
    private final InstantSource clock;

    public DeploymentController(ObjectApi objects, EventRecorder recorder, InstantSource clock) {
        this.workloads = new Workloads(objects);
        this.claims = new Claims(workloads, Workloads.REPLICA_SETS, set -> set.deletionTimestamp()
                .isEmpty());
        this.sets = new ReplicaSetWriter(workloads, recorder);
        this.clock = clock;
    }

    @Override
    public GroupResource resource() {
        return Workloads.DEPLOYMENTS;
    }

    /// A set concerns the Deployment that controls it or could adopt it; a pod, that of its set if that waits for
    /// the last old pod to go; a Tag, those that use its name.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return switch (changed.kind()) {
            case "ReplicaSet" -> workloads.owners(changed, Workloads.DEPLOYMENTS);
            case "Pod" ->
                Claims.controllerReference(changed).stream()
                        .flatMap(set -> workloads.owners(changed, Workloads.REPLICA_SETS).stream())
                        .flatMap(key -> workloads.find(key).stream())
                        .flatMap(set -> workloads.owners(set, Workloads.DEPLOYMENTS).stream())
                        .filter(this::waitsForPods)
                        .toList();
            case "Tag" ->
                workloads.list(Workloads.DEPLOYMENTS, "").stream()
                        .filter(deployment -> TagConsumers.uses(deployment, changed))
                        .map(deployment ->
                                new ObjectKey(Workloads.DEPLOYMENTS, deployment.namespace(), deployment.name()))
                        .toList();
            default -> List.of();
        };
    }

    private boolean waitsForPods(ObjectKey deployment) {
        return workloads.find(deployment).filter(RolloutLimits::isRecreate).isPresent();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = workloads.find(key);
        if (found.isEmpty()) {
            return Result.SETTLED;
        }
        try {
            return found.get().deletionTimestamp().isPresent()
                    ? report(found.get(), ReplicaSetWriter.Made.nothing(found.get()))
                    : round(found.get());
        } catch (ApiException e) {
            if (e.code() == 409) {
                // Somebody was faster; their write starts the next round.
                return Result.SETTLED;
            }
            LOG.warnf("deployment not reported deployment=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    private Result round(ApiObject found) throws ApiException {
        ImagePins pins = ImagePins.of(found, workloads::tag);
        ApiObject deployment = sets.pin(found, pins);
        Revisions revisions = Revisions.of(deployment, claims.claim(deployment));
        return report(deployment, step(deployment, revisions, pins.awaited()));
    }

    /// @param awaited what the newest set has to wait for
    /// @return what became of the newest set, if it had to be made
    private ReplicaSetWriter.Made step(ApiObject deployment, Revisions revisions, Optional<String> awaited)
            throws ApiException {
        ReplicaSetWriter.Made nothing = ReplicaSetWriter.Made.nothing(deployment);
        boolean hasChanged = sets.handOnDesiredState(deployment, revisions)
                || revisions.newest().isPresent() && sets.annotate(deployment, revisions);
        if (hasChanged) {
            return nothing;
        }
        boolean isPaused = deployment.spec().path("paused").asBoolean();
        if (isPaused || Rollout.isScaled(deployment, revisions)) {
            sets.scale(deployment, revisions, Rollout.scale(deployment, revisions));
            return nothing;
        }
        if (revisions.newest().isEmpty() && awaited.isPresent()) {
            return ReplicaSetWriter.Made.awaits(deployment, awaited.get());
        }
        if (revisions.newest().isEmpty() && (!RolloutLimits.isRecreate(deployment) || isGone(revisions))) {
            return sets.create(deployment, revisions);
        }
        sets.scale(deployment, revisions, Rollout.step(deployment, revisions, () -> oldPods(revisions)));
        return nothing;
    }

    private boolean isGone(Revisions revisions) {
        return Replicas.wanted(revisions.old()) == 0 && oldPods(revisions) == 0;
    }

    /// Pods of old sets that run, also those on their way out.
    private int oldPods(Revisions revisions) {
        List<String> old = revisions.old().stream().map(ApiObject::uid).toList();
        if (old.isEmpty()) {
            return 0;
        }
        return (int) workloads.list(Workloads.PODS, revisions.old().getFirst().namespace()).stream()
                .filter(pod -> Claims.controller(pod).filter(old::contains).isPresent())
                .filter(pod -> !PodAvailability.hasEnded(pod))
                .count();
    }

    private Result report(ApiObject deployment, ReplicaSetWriter.Made made) throws ApiException {
        Instant now = clock.instant();
        Revisions revisions = Revisions.of(deployment, claims.of(deployment));
        ObjectNode status = DeploymentStatus.render(deployment, revisions, made.collisions(), made.failure(), now);
        workloads.report(Workloads.DEPLOYMENTS, deployment, status);
        if (made.failure().isPresent()) {
            return new Result.Waiting(made.failure().get().reason(), Duration.ZERO);
        }
        if (deployment.deletionTimestamp().isPresent()) {
            return Result.SETTLED;
        }
        if (DeploymentStatus.isComplete(deployment, status)) {
            sets.deleteBeyond(deployment, revisions);
        }
        return DeploymentStatus.deadline(deployment, status)
                .map(deadline -> Duration.between(now, deadline).plus(SECOND))
                .<Result>map(left -> new Result.Again(left.compareTo(SECOND) < 0 ? SECOND : left))
                .orElse(Result.SETTLED);
    }
}
