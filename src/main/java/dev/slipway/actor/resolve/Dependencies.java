package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.PodState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What a pod waits for before it begins: Containers that have started, are ready, or have done their work. What their
/// pods' statuses say counts only when it speaks of what runs now: after a restart of the host they tell of another
/// life. Pure, but for what it looks up.
///
/// @param store finds objects
/// @param runtime finds pods as they are
public record Dependencies(
        Function<ObjectKey, Optional<ApiObject>> store, Function<PodUid, Optional<PodState>> runtime) {
    static final GroupResource CONTAINERS = new GroupResource(OwnGroup.GROUP, "containers");
    private static final GroupResource PODS = GroupResource.core("pods");

    /// One thing to wait for.
    record Dependency(String container, String condition) {}

    /// What a pod's annotation names: `db=Ready,migration=Complete`.
    static List<Dependency> of(ApiObject pod) {
        List<Dependency> dependencies = new ArrayList<>();
        for (String each :
                pod.annotations().getOrDefault(PodAnnotations.DEPENDS_ON, "").split(",")) {
            String[] words = each.strip().split("=", 2);
            if (!words[0].isEmpty()) {
                dependencies.add(new Dependency(words[0], words.length > 1 ? words[1] : "Ready"));
            }
        }
        return dependencies;
    }

    /// Names of the Containers that a pod waits for.
    public static Set<String> names(ApiObject pod) {
        return of(pod).stream().map(Dependency::container).collect(Collectors.toSet());
    }

    /// What is still waited for, in words; empty when the pod may begin.
    public Optional<String> unmet(ApiObject pod) {
        return of(pod).stream()
                .filter(dependency -> !isMet(pod.namespace(), dependency))
                .map(dependency -> words(pod.namespace(), dependency))
                .findFirst();
    }

    private String words(String namespace, Dependency dependency) {
        boolean exists = store.apply(new ObjectKey(CONTAINERS, namespace, dependency.container()))
                .isPresent();
        return exists
                ? "waits for Container %s to be %s".formatted(dependency.container(), dependency.condition())
                : "waits for Container %s, which does not exist".formatted(dependency.container());
    }

    private boolean isMet(String namespace, Dependency dependency) {
        Optional<ApiObject> found = store.apply(new ObjectKey(PODS, namespace, dependency.container()));
        if (found.isEmpty()) {
            return false;
        }
        ApiObject pod = found.get();
        return switch (dependency.condition()) {
            case "Complete" -> isComplete(pod);
            case "Started" -> isOfThisLife(pod) && main(pod).path("started").asBoolean();
            default -> isOfThisLife(pod) && Conditions.isTrue(pod.status(), "Ready");
        };
    }

    private static boolean isComplete(ApiObject pod) {
        JsonNode terminated = main(pod).path("state").path("terminated");
        return pod.status().path("phase").asText().equals("Succeeded")
                || terminated.isObject() && terminated.path("exitCode").asInt(1) == 0;
    }

    private boolean isOfThisLife(ApiObject pod) {
        JsonNode main = main(pod);
        return runtime.apply(new PodUid(pod.uid()))
                .flatMap(state -> state.latest(main.path("name").asText()))
                .filter(latest -> latest.state().isAlive())
                .map(Attempt::id)
                .filter(id -> main.path("containerID").asText().endsWith("://" + id))
                .isPresent();
    }

    private static JsonNode main(ApiObject pod) {
        JsonNode first = pod.status().path("containerStatuses").path(0);
        return first.isObject() ? first : MissingNode.getInstance();
    }
}
