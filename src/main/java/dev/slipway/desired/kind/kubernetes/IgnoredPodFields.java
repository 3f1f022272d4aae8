package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.model.OwnResources;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Fields of a pod that Kubernetes knows and Slipway does not enforce yet. Whoever implements one takes it off here.
public final class IgnoredPodFields {
    private static final Set<String> OF_POD = Set.of(
            "affinity",
            "nodeSelector",
            "os",
            "overhead",
            "preemptionPolicy",
            "priority",
            "priorityClassName",
            "readinessGates",
            "resourceClaims",
            "resources",
            "runtimeClassName",
            "schedulingGates",
            "serviceAccount",
            "serviceAccountName",
            "topologySpreadConstraints");
    private static final Set<String> OF_POD_SECURITY = Set.of("seLinuxOptions", "windowsOptions");
    private static final Set<String> OF_CONTAINER = Set.of("volumeDevices");
    private static final Set<String> OF_CONTAINER_SECURITY = Set.of("seLinuxOptions", "windowsOptions");
    private static final Set<String> ENFORCED_RESOURCES = Set.of("cpu", "memory", "ephemeral-storage");
    private static final List<String> ENFORCED_PREFIXES = List.of("hugepages-", OwnResources.PREFIX);

    private IgnoredPodFields() {}

    /// Those of a whole pod.
    public static List<String> of(JsonNode spec, String path) {
        List<String> ignored = new ArrayList<>();
        add(spec, OF_POD, path, ignored);
        add(spec.path("securityContext"), OF_POD_SECURITY, path + ".securityContext", ignored);
        if (spec.path("automountServiceAccountToken").asBoolean()) {
            ignored.add(path + ".automountServiceAccountToken");
        }
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (int i = 0; i < spec.path(list).size(); i++) {
                ignored.addAll(ofContainer(spec.path(list).get(i), path + "." + list + "[" + i + "]"));
            }
        }
        return ignored;
    }

    /// Those of one container.
    public static List<String> ofContainer(JsonNode container, String path) {
        List<String> ignored = new ArrayList<>();
        add(container, OF_CONTAINER, path, ignored);
        add(container.path("securityContext"), OF_CONTAINER_SECURITY, path + ".securityContext", ignored);
        ports(container.path("ports"), path + ".ports", ignored);
        container.path("resources").path("limits").properties().forEach(limit -> {
            if (!ENFORCED_RESOURCES.contains(limit.getKey())
                    && ENFORCED_PREFIXES.stream().noneMatch(limit.getKey()::startsWith)) {
                ignored.add(path + ".resources.limits[" + limit.getKey() + "]");
            }
        });
        return ignored;
    }

    /// Ports are mapped for TCP and UDP, over IPv4.
    private static void ports(JsonNode ports, String path, List<String> ignored) {
        for (int i = 0; i < ports.size(); i++) {
            JsonNode port = ports.get(i);
            if (port.path("hostPort").asInt() > 0
                    && (port.path("protocol").asText().equals("SCTP")
                            || port.path("hostIP").asText().contains(":"))) {
                ignored.add(path + "[" + i + "].hostPort");
            }
        }
    }

    private static void add(JsonNode node, Set<String> fields, String path, List<String> ignored) {
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            add(node.get(i), fields, path + "[" + i + "]", ignored);
        }
        node.properties().forEach(entry -> {
            if (fields.contains(entry.getKey())
                    && !(entry.getValue().isContainerNode() && entry.getValue().isEmpty())) {
                ignored.add(path + "." + entry.getKey());
            }
        });
    }
}
