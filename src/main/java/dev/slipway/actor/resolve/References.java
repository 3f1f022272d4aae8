package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.util.HashSet;
import java.util.Set;

/// Which objects a pod looks at, there or not: when one of them changes, so may the pod.
public final class References {
    private final String namespace;
    private final Set<ObjectKey> keys = new HashSet<>();

    private References(String namespace) {
        this.namespace = namespace;
    }

    public static Set<ObjectKey> of(ApiObject pod) {
        References references = new References(pod.namespace());
        JsonNode spec = pod.spec();
        for (String list : new String[] {"initContainers", "containers"}) {
            spec.path(list).forEach(references::addContainer);
        }
        spec.path("volumes").forEach(references::addVolume);
        for (String claim : PodClaims.all(pod)) {
            references.keys.add(new ObjectKey(PodScope.CLAIMS, pod.namespace(), claim));
            references.keys.add(new ObjectKey(PodScope.VOLUMES, pod.namespace(), claim));
        }
        Dependencies.of(pod)
                .forEach(dependency -> references.keys.add(
                        new ObjectKey(Dependencies.CONTAINERS, pod.namespace(), dependency.container())));
        return references.keys;
    }

    private void addContainer(JsonNode container) {
        for (JsonNode source : container.path("envFrom")) {
            add(PodScope.CONFIG_MAPS, source.path("configMapRef").path("name"));
            add(PodScope.SECRETS, source.path("secretRef").path("name"));
        }
        for (JsonNode variable : container.path("env")) {
            JsonNode from = variable.path("valueFrom");
            add(PodScope.CONFIG_MAPS, from.path("configMapKeyRef").path("name"));
            add(PodScope.SECRETS, from.path("secretKeyRef").path("name"));
        }
    }

    private void addVolume(JsonNode volume) {
        addFiles(volume);
        volume.path("projected").path("sources").forEach(this::addFiles);
    }

    private void addFiles(JsonNode source) {
        add(PodScope.CONFIG_MAPS, source.path("configMap").path("name"));
        add(PodScope.SECRETS, source.path("secret").path("secretName"));
        add(PodScope.SECRETS, source.path("secret").path("name"));
    }

    private void add(GroupResource resource, JsonNode name) {
        if (!name.asText().isEmpty()) {
            keys.add(new ObjectKey(resource, namespace, name.asText()));
        }
    }
}
