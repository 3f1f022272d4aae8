package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.PinnedImages;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Keeps as many pods of each ReplicaSet as it says.
///
/// Beyond Kubernetes: of pods that have ended, which nobody restarts, all but the latest are deleted, as they hold
/// disk; and the annotation `slipway.dev/desired-state` of a set is its pods'. Thread-safe.
public final class ReplicaSetController implements Controller {
    private static final Logger LOG = Logger.getLogger(ReplicaSetController.class);
    /// So many pods are made or deleted in one round: what the set says is looked at again in between.
    private static final int MOST_IN_A_ROUND = 50;

    private final Workloads workloads;
    private final Claims claims;
    private final EventRecorder recorder;
    private final InstantSource clock;

    public ReplicaSetController(ObjectApi objects, EventRecorder recorder, InstantSource clock) {
        this.workloads = new Workloads(objects);
        this.claims = new Claims(workloads, Workloads.PODS, PodAvailability::isActive);
        this.recorder = recorder;
        this.clock = clock;
    }

    @Override
    public GroupResource resource() {
        return Workloads.REPLICA_SETS;
    }

    /// A Pod concerns the set that controls it; one that nobody controls, those that could adopt it.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return changed.kind().equals("Pod") ? workloads.owners(changed, Workloads.REPLICA_SETS) : List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = workloads.find(key);
        if (found.isEmpty()) {
            return Result.SETTLED;
        }
        ApiObject set = found.get();
        try {
            if (set.deletionTimestamp().isPresent()) {
                report(set, Optional.empty());
                return Result.SETTLED;
            }
            List<ApiObject> pods = claims.claim(set);
            ReplicaPlan plan = ReplicaPlan.of(set, pods, clock.instant());
            boolean isBlocked = !setDesiredState(set, pods) | !tidy(plan.remains());
            Optional<Condition> failure = converge(set, plan);
            List<ApiObject> active = report(set, failure);
            return next(set, plan, active, isBlocked ? Optional.of("Blocked") : failure.map(Condition::reason));
        } catch (ApiException e) {
            LOG.warnf("replica set not reported replicaSet=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    private Result next(ApiObject set, ReplicaPlan plan, List<ApiObject> active, Optional<String> trouble) {
        if (trouble.isPresent()) {
            return new Result.Waiting(trouble.get(), Duration.ZERO);
        }
        if (plan.missing() > MOST_IN_A_ROUND || plan.surplus().size() > MOST_IN_A_ROUND) {
            return new Result.Again(Duration.ZERO);
        }
        return Stream.of(plan.later(), PodAvailability.untilNext(active, Replicas.minReady(set), clock.instant()))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .<Result>map(Result.Again::new)
                .orElse(Result.SETTLED);
    }

    /// @return the pods that live
    private List<ApiObject> report(ApiObject set, Optional<Condition> failure) throws ApiException {
        List<ApiObject> active =
                claims.of(set).stream().filter(PodAvailability::isActive).toList();
        workloads.report(Workloads.REPLICA_SETS, set, ReplicaSetStatus.render(set, active, failure, clock.instant()));
        return active;
    }

    /// @return why pods could not be made or deleted
    private Optional<Condition> converge(ApiObject set, ReplicaPlan plan) {
        for (int i = 0; i < Math.min(MOST_IN_A_ROUND, plan.missing()); i++) {
            Optional<Condition> failure = create(set);
            if (failure.isPresent()) {
                return failure;
            }
        }
        for (ApiObject pod : plan.surplus().stream().limit(MOST_IN_A_ROUND).toList()) {
            Optional<Condition> failure = deleteSurplus(set, pod);
            if (failure.isPresent()) {
                return failure;
            }
        }
        return Optional.empty();
    }

    /// @return false when a pod could not be deleted
    private boolean tidy(List<ApiObject> remains) {
        boolean isDone = true;
        for (ApiObject pod : remains) {
            try {
                delete(pod);
            } catch (ApiException e) {
                LOG.warnf("pod that has ended stays pod=%s: %s", pod.name(), e.getMessage());
                isDone = false;
            }
        }
        return isDone;
    }

    private Optional<Condition> create(ApiObject set) {
        Involved about = Involved.of(set);
        try {
            ApiObject made = workloads.create(Workloads.PODS, set, pod(set));
            recorder.normal(about, Reason.SUCCESSFUL_CREATE, "Created pod: " + made.name());
            return Optional.empty();
        } catch (ApiException e) {
            return failed(set, Reason.FAILED_CREATE, "Error creating: ", e);
        }
    }

    private Optional<Condition> failed(ApiObject set, Reason reason, String words, ApiException failure) {
        String message = String.valueOf(failure.getMessage());
        if (ReplicaSetStatus.told(set, reason.toString()).isEmpty()) {
            recorder.warning(Involved.of(set), reason, words + message);
        }
        return Optional.of(Condition.yes(ReplicaSetStatus.REPLICA_FAILURE, reason, message));
    }

    private Optional<Condition> deleteSurplus(ApiObject set, ApiObject pod) {
        try {
            if (delete(pod)) {
                recorder.normal(Involved.of(set), Reason.SUCCESSFUL_DELETE, "Deleted pod: " + pod.name());
            }
            return Optional.empty();
        } catch (ApiException e) {
            return failed(set, Reason.FAILED_DELETE, "Error deleting: ", e);
        }
    }

    /// @return false when it was gone already, or is another one by now
    private boolean delete(ApiObject pod) throws ApiException {
        try {
            workloads.delete(Workloads.PODS, pod);
            return true;
        } catch (ApiException e) {
            if (e.code() != 404 && e.code() != 409) {
                throw e;
            }
            return false;
        }
    }

    private static ObjectNode pod(ApiObject set) {
        ObjectNode pod = ObjectCodec.json().createObjectNode();
        pod.put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode metadata = pod.putObject("metadata").put("generateName", set.name() + "-");
        var template = set.spec().path("template");
        for (String field : List.of("labels", "annotations", "finalizers")) {
            if (!template.path("metadata").path(field).isEmpty()) {
                metadata.set(field, template.path("metadata").path(field).deepCopy());
            }
        }
        String state = DesiredState.of(set).word();
        if (!state.isEmpty()) {
            metadata.withObject("/annotations").put(DesiredState.ANNOTATION, state);
        }
        metadata.putArray("ownerReferences").add(Claims.reference(set));
        pod.set("spec", PinnedImages.of(template).bind(template.path("spec")));
        return pod;
    }

    /// A set that says nothing leaves it to its pods.
    ///
    /// @return false when a pod could not be told
    private boolean setDesiredState(ApiObject set, List<ApiObject> pods) {
        DesiredState wanted = DesiredState.of(set);
        boolean isDone = true;
        for (ApiObject pod : pods) {
            if (!wanted.word().isEmpty() && PodAvailability.isActive(pod) && !wanted.equals(DesiredState.of(pod))) {
                ObjectNode changes = ObjectCodec.json().createObjectNode();
                changes.putObject("metadata").putObject("annotations").put(DesiredState.ANNOTATION, wanted.word());
                isDone &= patch(pod, changes);
            }
        }
        return isDone;
    }

    private boolean patch(ApiObject pod, ObjectNode changes) {
        try {
            workloads.patch(Workloads.PODS, pod, changes);
            return true;
        } catch (ApiException e) {
            LOG.warnf("desired state not set pod=%s: %s", pod.name(), e.getMessage());
            return e.code() == 404;
        }
    }
}
