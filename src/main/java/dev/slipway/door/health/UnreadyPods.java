package dev.slipway.door.health;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The pods that are not ready, by who controls them: what keeps pods tells their number, and one of them why. Pure.
public final class UnreadyPods {
    public static final UnreadyPods NONE = new UnreadyPods(List.of(), List.of());

    private static final GroupResource PODS = GroupResource.core("pods");
    private static final GroupResource REPLICA_SETS = new GroupResource("apps", "replicasets");

    private final Map<String, List<ApiObject>> podsByOwner;
    private final Map<String, List<ApiObject>> setsByOwner;

    private UnreadyPods(List<ApiObject> pods, List<ApiObject> replicaSets) {
        podsByOwner = byOwner(pods.stream().filter(UnreadyPods::isUnready));
        setsByOwner = byOwner(replicaSets.stream());
    }

    /// @param list all objects of a resource
    public static UnreadyPods among(Function<GroupResource, List<ApiObject>> list) {
        return new UnreadyPods(list.apply(PODS), list.apply(REPLICA_SETS));
    }

    /// What the first of its pods says that says why it is not ready: `pod web-5d8f-abcde: ErrImagePull: ...`.
    ///
    /// @param owner of pods, or of ReplicaSets that own pods
    Optional<String> cause(ApiObject owner) {
        Set<String> owners = new HashSet<>(Set.of(owner.uid()));
        setsByOwner.getOrDefault(owner.uid(), List.of()).forEach(set -> owners.add(set.uid()));
        return owners.stream()
                .flatMap(uid -> podsByOwner.getOrDefault(uid, List.of()).stream())
                .sorted(Comparator.comparing(ApiObject::name))
                .flatMap(pod -> cause(pod.status()).map(cause -> "pod " + pod.name() + ": " + cause).stream())
                .findFirst();
    }

    /// What a container waits for, or else what the condition says.
    private static Optional<String> cause(JsonNode status) {
        for (String field : List.of("initContainerStatuses", "containerStatuses")) {
            for (JsonNode container : status.path(field)) {
                JsonNode waiting = container.at("/state/waiting");
                if (!waiting.path("message").asText().isEmpty()) {
                    return Optional.of(waiting.path("reason").asText() + ": "
                            + waiting.path("message").asText());
                }
            }
        }
        return ready(status)
                .map(condition -> condition.path("message").asText())
                .filter(message -> !message.isEmpty());
    }

    /// A pod that goes need not be ready.
    private static boolean isUnready(ApiObject pod) {
        return pod.deletionTimestamp().isEmpty()
                && ready(pod.status())
                        .filter(condition -> condition.path("status").asText().equals("False"))
                        .isPresent();
    }

    private static Optional<JsonNode> ready(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return Optional.of(condition);
            }
        }
        return Optional.empty();
    }

    private static Map<String, List<ApiObject>> byOwner(Stream<ApiObject> objects) {
        return objects.collect(Collectors.groupingBy(UnreadyPods::controller));
    }

    /// The uid of who controls it; empty if nobody does.
    private static String controller(ApiObject object) {
        for (JsonNode owner : object.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return owner.path("uid").asText();
            }
        }
        return "";
    }
}
