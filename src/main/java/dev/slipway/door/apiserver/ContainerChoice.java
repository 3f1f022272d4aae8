package dev.slipway.door.apiserver;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.RefusedException;
import java.util.ArrayList;
import java.util.List;

/// Which container of a pod a client means.
final class ContainerChoice {
    private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

    private ContainerChoice() {}

    /// @param asked empty for the default one
    /// @throws RefusedException when there is none of that name, or no default
    static String of(ApiObject pod, String asked) {
        List<String> names = new ArrayList<>();
        for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
            pod.spec().path(list).forEach(each -> names.add(each.path("name").asText()));
        }
        if (!asked.isEmpty()) {
            if (!names.contains(asked)) {
                throw RefusedException.badRequest("container %s is not valid for pod %s".formatted(asked, pod.name()));
            }
            return asked;
        }
        String preferred = pod.annotations().getOrDefault(DEFAULT_CONTAINER, "");
        if (names.contains(preferred)) {
            return preferred;
        }
        if (pod.spec().path("containers").size() != 1) {
            throw RefusedException.badRequest("a container name must be specified for pod %s, choose one of: [%s]"
                    .formatted(pod.name(), String.join(" ", names)));
        }
        return names.getFirst();
    }
}
