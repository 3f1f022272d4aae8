package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a pod's spec must be, and what of it may change later.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement Kubernetes: Pod update
final class PodRules {
    private static final List<String> LISTS = List.of("initContainers", "containers");

    private PodRules() {}

    static void validate(JsonNode spec, Findings findings) {
        if (spec.path("containers").isEmpty()) {
            findings.required("spec.containers");
        }
        oneOf(spec, "restartPolicy", List.of("Always", "OnFailure", "Never"), "spec", findings);
        oneOf(
                spec,
                "dnsPolicy",
                List.of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
                "spec",
                findings);
        if (spec.path("terminationGracePeriodSeconds").asLong() < 0) {
            findings.invalid(
                    "spec.terminationGracePeriodSeconds",
                    spec.path("terminationGracePeriodSeconds").asLong(),
                    "must be greater than or equal to 0");
        }
        String hostname = spec.path("hostname").asText();
        if (!hostname.isEmpty() && !Names.isLabel(hostname)) {
            findings.invalid("spec.hostname", hostname, Names.LABEL_RULE);
        }
        Set<String> volumes = VolumeRules.validate(spec.path("volumes"), "spec.volumes", findings);
        Set<String> names = new HashSet<>();
        Set<String> hostPorts = new HashSet<>();
        for (String list : LISTS) {
            JsonNode containers = spec.path(list);
            for (int i = 0; i < containers.size(); i++) {
                String path = "spec." + list + "[" + i + "]";
                ContainerRules.name(containers.get(i), path, names, findings);
                ContainerRules.validate(containers.get(i), path, volumes, findings);
                hostPorts(containers.get(i), path, hostPorts, findings);
            }
        }
    }

    /// Only images, the grace period and the deadline of a pod may change; all else needs another pod.
    static void validateUpdate(JsonNode spec, JsonNode before, Findings findings) {
        if (!frozen(spec).equals(frozen(before))) {
            findings.forbidden(
                    "spec",
                    "pod updates may not change fields other than `spec.containers[*].image`,"
                            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
                            + " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be"
                            + " set to 1 if it was previously negative)");
        }
        for (String list : LISTS) {
            for (int i = 0; i < spec.path(list).size(); i++) {
                if (spec.path(list).get(i).path("image").asText().isBlank()) {
                    findings.required("spec." + list + "[" + i + "].image");
                }
            }
        }
    }

    private static JsonNode frozen(JsonNode spec) {
        ObjectNode copy = spec.deepCopy();
        copy.remove(List.of("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName"));
        for (String list : LISTS) {
            copy.path(list).forEach(container -> ((ObjectNode) container).remove("image"));
        }
        return copy;
    }

    static void oneOf(JsonNode node, String field, List<String> allowed, String path, Findings findings) {
        JsonNode value = node.path(field);
        if (!value.isMissingNode() && !allowed.contains(value.asText())) {
            findings.notSupported(path + "." + field, value.asText(), allowed);
        }
    }

    private static void hostPorts(JsonNode container, String path, Set<String> taken, Findings findings) {
        JsonNode ports = container.path("ports");
        for (int i = 0; i < ports.size(); i++) {
            int port = ports.get(i).path("hostPort").asInt();
            String key = ports.get(i).path("protocol").asText() + "/"
                    + ports.get(i).path("hostIP").asText() + "/" + port;
            if (port != 0 && !taken.add(key)) {
                findings.duplicate(path + ".ports[" + i + "].hostPort", port);
            }
        }
    }
}
