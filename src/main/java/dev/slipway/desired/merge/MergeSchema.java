package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Which lists and maps of Kubernetes objects are merged by what. The model classes carry none of this, so it stands
/// here, by field name; where one name has two meanings (`ports`), an item decides.
///
/// @spec https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json patchMergeKey,
///     x-kubernetes-list-map-keys, x-kubernetes-list-type, x-kubernetes-map-type
public final class MergeSchema {
    private static final Map<String, List<String>> KEYS = Map.ofEntries(
            Map.entry("addresses", List.of("type")),
            Map.entry("conditions", List.of("type")),
            Map.entry("containers", List.of("name")),
            Map.entry("env", List.of("name")),
            Map.entry("ephemeralContainers", List.of("name")),
            Map.entry("hostAliases", List.of("ip")),
            Map.entry("imagePullSecrets", List.of("name")),
            Map.entry("initContainers", List.of("name")),
            Map.entry("matchConditions", List.of("name")),
            Map.entry("ownerReferences", List.of("uid")),
            Map.entry("podIPs", List.of("ip")),
            Map.entry("resourceClaims", List.of("name")),
            Map.entry("schedulingGates", List.of("name")),
            Map.entry("secrets", List.of("name")),
            Map.entry("topologySpreadConstraints", List.of("topologyKey", "whenUnsatisfiable")),
            Map.entry("variables", List.of("name")),
            Map.entry("volumeDevices", List.of("devicePath")),
            Map.entry("volumeMounts", List.of("mountPath")),
            Map.entry("volumes", List.of("name")),
            Map.entry("webhooks", List.of("name")));

    private static final Set<String> VALUE_SETS = Set.of("finalizers");

    /// Maps that are one value: selectors and references.
    private static final Set<String> ATOMIC_MAPS = Set.of(
            "selector",
            "nodeSelector",
            "configMapKeyRef",
            "secretKeyRef",
            "fieldRef",
            "resourceFieldRef",
            "secretRef",
            "configMapRef",
            "involvedObject",
            "imageFrom");

    private MergeSchema() {}

    /// The rule for list `field`.
    ///
    /// @param sample the list, or another version of it; only looked at for `ports`
    public static ListRule rule(String field, JsonNode sample) {
        if (field.equals("ports") && isKeyedPorts(sample)) {
            String port = sample.path(0).has("containerPort") ? "containerPort" : "port";
            return new ListRule.Keyed(List.of(port, "protocol"));
        }
        List<String> keys = KEYS.get(field);
        if (keys != null && allObjects(sample)) {
            return new ListRule.Keyed(keys);
        }
        return VALUE_SETS.contains(field) ? new ListRule.ValueSet() : new ListRule.Atomic();
    }

    /// The single key by which a strategic merge patch tells items apart, empty for a list that it replaces.
    public static String strategicKey(String field, JsonNode sample) {
        return rule(field, sample) instanceof ListRule.Keyed keyed
                ? keyed.keys().getFirst()
                : "";
    }

    /// Whether map `field` is one value.
    public static boolean isAtomicMap(String field) {
        return ATOMIC_MAPS.contains(field);
    }

    /// Every list that is merged by key, with its keys; for documents that describe the API.
    public static Map<String, List<String>> keyedLists() {
        return new TreeMap<>(KEYS);
    }

    private static boolean isKeyedPorts(JsonNode sample) {
        return allObjects(sample)
                && (sample.path(0).has("containerPort") || sample.path(0).has("port"));
    }

    private static boolean allObjects(JsonNode sample) {
        for (JsonNode item : sample) {
            if (!item.isObject()) {
                return false;
            }
        }
        return true;
    }
}
