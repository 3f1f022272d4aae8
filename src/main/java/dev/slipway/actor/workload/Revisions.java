package dev.slipway.actor.workload;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The ReplicaSets of a Deployment: one for each version of its pods that there was, as far as they are kept. Pure.
///
/// @param newest the one that has the Deployment's template; missing before it is made
/// @param old all others, the oldest first
record Revisions(Optional<ApiObject> newest, List<ApiObject> old) {
    static final String REVISION = "deployment.kubernetes.io/revision";
    static final String DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
    static final String MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

    /// Annotations that are not handed on to the newest set; the desired state is handed on to all. Who returns to
    /// an earlier set gets the annotations of that set, and shall not get where Tags stood then.
    private static final Set<String> OWN = Set.of(
            "kubectl.kubernetes.io/last-applied-configuration",
            REVISION,
            DESIRED_REPLICAS,
            MAX_REPLICAS,
            DesiredState.ANNOTATION,
            PodAnnotations.FOLLOWED_IMAGES);

    static final Comparator<ApiObject> OLDEST_FIRST = Comparator.<ApiObject, String>comparing(
                    set -> set.metadata().path("creationTimestamp").asText())
            .thenComparing(ApiObject::name);

    static Revisions of(ApiObject deployment, List<ApiObject> sets) {
        PodTemplate template = PodTemplate.of(deployment);
        List<ApiObject> old = new ArrayList<>(sets);
        old.sort(OLDEST_FIRST);
        Optional<ApiObject> newest =
                old.stream().filter(set -> PodTemplate.of(set).equals(template)).findFirst();
        newest.ifPresent(old::remove);
        return new Revisions(newest, List.copyOf(old));
    }

    List<ApiObject> all() {
        List<ApiObject> all = new ArrayList<>(old);
        newest.ifPresent(all::add);
        return all;
    }

    /// Those that have pods or shall have some.
    List<ApiObject> active() {
        return all().stream().filter(set -> Replicas.wanted(set) > 0).toList();
    }

    /// The number of the Deployment's template: above those of all others.
    long revision() {
        long highest = old.stream().mapToLong(Revisions::revision).max().orElse(0);
        return Math.max(highest + 1, newest.map(Revisions::revision).orElse(0L));
    }

    static long revision(ApiObject workload) {
        return number(workload, REVISION).orElse(0L);
    }

    /// A number among the annotations.
    static Optional<Long> number(ApiObject workload, String annotation) {
        try {
            return Optional.ofNullable(workload.annotations().get(annotation)).map(Long::valueOf);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /// The annotations that the newest set shall have.
    Map<String, String> annotations(ApiObject deployment) {
        Map<String, String> annotations = new TreeMap<>(deployment.annotations());
        annotations.keySet().removeAll(OWN);
        annotations.put(REVISION, Long.toString(revision()));
        return annotations;
    }

    /// Old sets without pods that are more than the Deployment keeps, so that nobody can return to them.
    List<ApiObject> beyond(ApiObject deployment) {
        int limit = deployment.spec().path("revisionHistoryLimit").asInt(Integer.MAX_VALUE);
        List<ApiObject> empty = old.stream()
                .filter(set -> Replicas.wanted(set) == 0 && Replicas.existing(set) == 0)
                .filter(set -> set.status().path("observedGeneration").asLong() >= set.generation()
                        && set.deletionTimestamp().isEmpty())
                .sorted(Comparator.comparingLong(Revisions::revision))
                .toList();
        return empty.subList(0, Math.max(0, empty.size() - limit));
    }
}
