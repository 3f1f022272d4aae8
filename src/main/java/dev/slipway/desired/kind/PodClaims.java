package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.Set;
import java.util.TreeSet;

/// The claims behind the volumes of a pod: those that it names, and those of its *ephemeral* volumes, which are made
/// for it, are named after it, and go with it. Pure.
///
/// @spec https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes Kubernetes: Generic
///     ephemeral volumes
public final class PodClaims {
    private PodClaims() {}

    /// Name of the claim behind one volume of a pod; empty if there is none.
    public static String of(ApiObject pod, JsonNode volume) {
        return isEphemeral(volume)
                ? pod.name() + "-" + volume.path("name").asText()
                : volume.at("/persistentVolumeClaim/claimName").asText();
    }

    /// Names of all claims of a pod.
    public static Set<String> all(ApiObject pod) {
        Set<String> names = new TreeSet<>();
        pod.spec().path("volumes").forEach(volume -> names.add(of(pod, volume)));
        names.remove("");
        return names;
    }

    public static boolean isEphemeral(JsonNode volume) {
        return volume.path("ephemeral").isObject();
    }

    /// Whether a claim was made for this very pod.
    public static boolean isMadeFor(ApiObject claim, ApiObject pod) {
        for (JsonNode owner : claim.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()
                    && owner.path("uid").asText().equals(pod.uid())) {
                return true;
            }
        }
        return false;
    }
}
