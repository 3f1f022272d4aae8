package dev.slipway.actor.workload;

import dev.slipway.desired.meta.ApiObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;

/// Decides how many pods each ReplicaSet of a Deployment shall have next. Pure.
///
/// ```
/// other number of pods   -> spread over the sets that have some, in proportion
/// rolling update         -> newest up as far as surge allows, else old ones down: first pods that are not
///                           available, then as many as may be unavailable, of the oldest set first
/// recreate               -> old ones to zero; when their pods are gone, the newest up
/// declared at rest       -> old ones to zero and the newest up at once: nobody is served meanwhile
/// ```
///
/// @spec https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy Kubernetes: Deployments,
///     Strategy
final class Rollout {
    private final RolloutLimits limits;
    private final Revisions revisions;
    private final Map<String, Integer> sizes = new LinkedHashMap<>();

    private Rollout(RolloutLimits limits, Revisions revisions) {
        this.limits = limits;
        this.revisions = revisions;
        revisions.all().forEach(set -> sizes.put(set.name(), Replicas.wanted(set)));
    }

    /// The size of a set that changes.
    record Scaling(ApiObject set, int from, int to) {}

    /// How many pods a newest set begins with that is made now.
    static int begin(ApiObject deployment, Revisions revisions) {
        RolloutLimits limits = RolloutLimits.of(deployment);
        return RolloutLimits.isRecreate(deployment) ? limits.replicas() : growth(limits, present(revisions.old()), 0);
    }

    /// Whether the Deployment asks for another number of pods than when its sets were scaled last.
    static boolean isScaled(ApiObject deployment, Revisions revisions) {
        return revisions.active().stream()
                .flatMap(set -> Revisions.number(set, Revisions.DESIRED_REPLICAS).stream())
                .anyMatch(desired -> desired != Replicas.wanted(deployment));
    }

    /// Another number of pods, whatever their version.
    static List<Scaling> scale(ApiObject deployment, Revisions revisions) {
        Rollout rollout = new Rollout(RolloutLimits.of(deployment), revisions);
        rollout.spread(deployment);
        return rollout.scalings();
    }

    /// The next step from old versions to the newest.
    ///
    /// @param oldPods tells how many pods of old versions there still are, also on their way out
    static List<Scaling> step(ApiObject deployment, Revisions revisions, IntSupplier oldPods) {
        Rollout rollout = new Rollout(RolloutLimits.of(deployment), revisions);
        if (RolloutLimits.isRecreate(deployment)) {
            rollout.recreate(oldPods);
        } else if (DesiredState.of(deployment).isRest()) {
            rollout.swap();
        } else {
            rollout.roll();
        }
        return rollout.scalings();
    }

    private void spread(ApiObject deployment) {
        List<ApiObject> active = revisions.active();
        Optional<ApiObject> only =
                active.size() == 1 ? Optional.of(active.getFirst()) : active.isEmpty() ? latest() : Optional.empty();
        if (only.isPresent()) {
            sizes.put(only.get().name(), limits.replicas());
        } else if (isSaturated()) {
            revisions.old().forEach(set -> sizes.put(set.name(), 0));
        } else if (!RolloutLimits.isRecreate(deployment)) {
            inProportion(active);
        }
    }

    private Optional<ApiObject> latest() {
        return revisions
                .newest()
                .or(() -> revisions.old().isEmpty()
                        ? Optional.empty()
                        : Optional.of(revisions.old().getLast()));
    }

    private boolean isSaturated() {
        return revisions
                .newest()
                .filter(set ->
                        Replicas.wanted(set) == limits.replicas() && Replicas.available(set) == limits.replicas())
                .isPresent();
    }

    /// What is to be added or taken is shared by size; what rounding leaves goes to the largest.
    private void inProportion(List<ApiObject> active) {
        int allowed = limits.replicas() > 0 ? limits.most() : 0;
        int change = allowed - Replicas.wanted(active);
        List<ApiObject> largestFirst = active.stream()
                .sorted(Comparator.<ApiObject>comparingInt(Replicas::wanted).reversed())
                .toList();
        int shared = 0;
        for (ApiObject set : largestFirst) {
            int share = share(set, change - shared);
            sizes.merge(set.name(), share, Integer::sum);
            shared += share;
        }
        int rest = change - shared;
        sizes.computeIfPresent(largestFirst.getFirst().name(), (name, size) -> Math.max(0, size + rest));
    }

    private int share(ApiObject set, int left) {
        int size = Replicas.wanted(set);
        if (limits.replicas() == 0) {
            return -size;
        }
        long before = Revisions.number(set, Revisions.MAX_REPLICAS).orElse((long) limits.most());
        long after = before <= 0 ? size : Math.round((double) size * limits.most() / before);
        int share = (int) (after - size);
        return left > 0 ? Math.clamp(share, 0, left) : Math.clamp(share, left, 0);
    }

    private void swap() {
        revisions.old().forEach(set -> sizes.put(set.name(), 0));
        revisions.newest().ifPresent(set -> sizes.put(set.name(), limits.replicas()));
    }

    private void recreate(IntSupplier oldPods) {
        if (revisions.old().stream().anyMatch(set -> Replicas.wanted(set) > 0)) {
            revisions.old().forEach(set -> sizes.put(set.name(), 0));
        } else if (oldPods.getAsInt() == 0) {
            revisions.newest().ifPresent(set -> sizes.put(set.name(), limits.replicas()));
        }
    }

    private void roll() {
        if (revisions.newest().isEmpty()) {
            return;
        }
        ApiObject newest = revisions.newest().get();
        int size = Replicas.wanted(newest);
        int next =
                size >= limits.replicas() ? limits.replicas() : size + growth(limits, present(revisions.old()), size);
        sizes.put(newest.name(), next);
        if (next == size) {
            shrinkOld(newest);
        }
    }

    /// Pods that are, or will be: a set may not have come to it yet to have fewer.
    private static int present(List<ApiObject> sets) {
        return sets.stream()
                .mapToInt(set -> Math.max(Replicas.wanted(set), Replicas.existing(set)))
                .sum();
    }

    private static int growth(RolloutLimits limits, int old, int newest) {
        return Math.clamp((long) limits.most() - old - newest, 0, Math.max(0, limits.replicas() - newest));
    }

    private void shrinkOld(ApiObject newest) {
        int all = Replicas.wanted(revisions.all());
        int newestUnavailable = Replicas.wanted(newest) - Replicas.available(newest);
        int most = all - limits.fewestAvailable() - newestUnavailable;
        int left = most - takeUnavailable(most);
        int available = revisions.all().stream().mapToInt(Replicas::available).sum();
        takeAvailable(Math.min(left, available - limits.fewestAvailable()));
    }

    /// Pods of old sets that do not work hold nothing up.
    private int takeUnavailable(int most) {
        int taken = 0;
        for (ApiObject set : revisions.old()) {
            int unavailable = Replicas.wanted(set) - Replicas.available(set);
            int take = Math.clamp((long) most - taken, 0, unavailable);
            sizes.merge(set.name(), -take, Integer::sum);
            taken += take;
        }
        return taken;
    }

    private void takeAvailable(int most) {
        int taken = 0;
        for (ApiObject set : revisions.old()) {
            int take = Math.clamp((long) most - taken, 0, sizes.getOrDefault(set.name(), 0));
            sizes.merge(set.name(), -take, Integer::sum);
            taken += take;
        }
    }

    private List<Scaling> scalings() {
        List<Scaling> scalings = new ArrayList<>();
        for (ApiObject set : revisions.all()) {
            int size = sizes.getOrDefault(set.name(), 0);
            if (size != Replicas.wanted(set)) {
                scalings.add(new Scaling(set, Replicas.wanted(set), size));
            }
        }
        return scalings;
    }
}
