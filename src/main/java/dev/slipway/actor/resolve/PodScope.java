package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.util.Optional;
import java.util.function.Function;

/// All that the references of one pod can reach.
///
/// @param objects reads an object; from memory
/// @param podIp address of its sandbox, empty before there is one
public record PodScope(ApiObject pod, Host host, Function<ObjectKey, Optional<ApiObject>> objects, String podIp) {
    static final GroupResource CONFIG_MAPS = GroupResource.core("configmaps");
    static final GroupResource SECRETS = GroupResource.core("secrets");
    static final GroupResource CLAIMS = GroupResource.core("persistentvolumeclaims");
    static final GroupResource VOLUMES = new GroupResource("slipway.dev", "volumes");

    /// The same pod, now that its sandbox has an address.
    public PodScope at(String address) {
        return new PodScope(pod, host, objects, address);
    }

    JsonNode spec() {
        return pod.spec();
    }

    Optional<ApiObject> find(GroupResource resource, String name) {
        return name.isEmpty() ? Optional.empty() : objects.apply(new ObjectKey(resource, pod.namespace(), name));
    }
}
