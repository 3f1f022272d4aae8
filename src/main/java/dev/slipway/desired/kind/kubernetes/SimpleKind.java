package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.util.ArrayList;
import java.util.List;

/// Kinds whose objects need no rules beyond the common ones.
///
/// @param contentFields whose change makes a new generation
/// @param ignored fields of `spec` that are known and not enforced
public record SimpleKind(
        KindName name,
        Class<?> model,
        boolean hasStatus,
        List<String> contentFields,
        List<String> ignored,
        List<Column> columns)
        implements Kind {

    @Override
    public List<String> ignoredFields(ApiObject object) {
        return ignored.stream()
                .filter(field -> says(object.spec().path(field)))
                .map("spec."::concat)
                .toList();
    }

    private static boolean says(JsonNode value) {
        return value.isContainerNode() ? !value.isEmpty() : value.asBoolean();
    }

    public static Kind serviceAccount() {
        return new SimpleKind(
                new KindName("", "v1", "ServiceAccount", "serviceaccounts", List.of("sa"), Scope.NAMESPACED),
                ServiceAccount.class,
                false,
                List.of(),
                List.of(),
                List.of(
                        Column.number("Secrets", "Number of secrets.", (object, now) -> object.tree()
                                .path("secrets")
                                .size()),
                        Column.AGE));
    }

    public static Kind node() {
        return new SimpleKind(
                new KindName("", "v1", "Node", "nodes", List.of("no"), Scope.CLUSTER),
                Node.class,
                true,
                List.of("spec"),
                // The one node takes every pod: there is no other that could.
                List.of("unschedulable", "taints"),
                List.of(
                        Column.computed("Status", "Whether it takes pods.", (object, now) -> nodeStatus(object)),
                        Column.computed("Roles", "What it is for.", (object, now) -> roles(object)),
                        Column.AGE,
                        Column.text("Version", "Of the engine.", "/status/nodeInfo/kubeletVersion"),
                        Column.computed("Internal-IP", "Its address.", (object, now) -> address(object, "InternalIP"))
                                .wide(),
                        Column.computed(
                                        "External-IP",
                                        "Its address for others.",
                                        (object, now) -> address(object, "ExternalIP"))
                                .wide(),
                        Column.textOrNone("OS-Image", "Its operating system.", "/status/nodeInfo/osImage")
                                .wide(),
                        Column.textOrNone("Kernel-Version", "Its kernel.", "/status/nodeInfo/kernelVersion")
                                .wide(),
                        Column.textOrNone(
                                        "Container-Runtime",
                                        "What runs containers.",
                                        "/status/nodeInfo/containerRuntimeVersion")
                                .wide()));
    }

    private static String nodeStatus(ApiObject node) {
        String status = "Unknown";
        for (JsonNode condition : node.status().path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                status = condition.path("status").asText().equals("True") ? "Ready" : "NotReady";
            }
        }
        return node.spec().path("unschedulable").asBoolean() ? status + ",SchedulingDisabled" : status;
    }

    private static String roles(ApiObject node) {
        List<String> roles = new ArrayList<>();
        node.labels().keySet().stream()
                .filter(label -> label.startsWith("node-role.kubernetes.io/"))
                .forEach(label -> roles.add(label.substring(label.indexOf('/') + 1)));
        return roles.isEmpty() ? "<none>" : String.join(",", roles);
    }

    private static String address(ApiObject node, String type) {
        for (JsonNode address : node.status().path("addresses")) {
            if (address.path("type").asText().equals(type)) {
                return address.path("address").asText();
            }
        }
        return "<none>";
    }
}
