package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Kinds whose objects need no rules beyond the common ones.
///
/// @param contentFields whose change makes a new generation
public record SimpleKind(
        KindName name, Class<?> model, boolean hasStatus, List<String> contentFields, List<Column> columns)
        implements Kind {

    public static Kind namespace() {
        return new SimpleKind(
                new KindName("", "v1", "Namespace", "namespaces", List.of("ns"), Scope.CLUSTER),
                Namespace.class,
                true,
                List.of(),
                List.of(Column.text("Status", "The status of the namespace.", "/status/phase"), Column.AGE));
    }

    public static Kind serviceAccount() {
        return new SimpleKind(
                new KindName("", "v1", "ServiceAccount", "serviceaccounts", List.of("sa"), Scope.NAMESPACED),
                ServiceAccount.class,
                false,
                List.of(),
                List.of(
                        Column.number("Secrets", "Number of secrets.", (object, now) -> object.tree()
                                .path("secrets")
                                .size()),
                        Column.AGE));
    }

    public static Kind event() {
        return new SimpleKind(
                new KindName("", "v1", "Event", "events", List.of("ev"), Scope.NAMESPACED),
                Event.class,
                false,
                List.of(),
                List.of(
                        Column.computed("Last Seen", "When it happened last.", SimpleKind::lastSeen),
                        Column.text("Type", "Normal or Warning.", "/type"),
                        Column.text("Reason", "Why, in one word.", "/reason"),
                        Column.computed("Object", "What it is about.", (object, now) -> involved(object)),
                        Column.text("Source", "Who reported it.", "/source/component")
                                .wide(),
                        Column.text("Message", "What happened.", "/message"),
                        Column.number("Count", "How often.", (object, now) -> object.tree()
                                        .path("count")
                                        .asInt())
                                .wide()));
    }

    public static Kind node() {
        return new SimpleKind(
                new KindName("", "v1", "Node", "nodes", List.of("no"), Scope.CLUSTER),
                Node.class,
                true,
                List.of("spec"),
                List.of(
                        Column.computed("Status", "Whether it takes pods.", (object, now) -> nodeStatus(object)),
                        Column.computed("Roles", "What it is for.", (object, now) -> roles(object)),
                        Column.AGE,
                        Column.text("Version", "Of the engine.", "/status/nodeInfo/kubeletVersion"),
                        Column.computed("Internal-IP", "Its address.", (object, now) -> address(object))
                                .wide(),
                        Column.text("OS-Image", "Its operating system.", "/status/nodeInfo/osImage")
                                .wide(),
                        Column.text("Kernel-Version", "Its kernel.", "/status/nodeInfo/kernelVersion")
                                .wide(),
                        Column.text(
                                        "Container-Runtime",
                                        "What runs containers.",
                                        "/status/nodeInfo/containerRuntimeVersion")
                                .wide()));
    }

    @Override
    public void complete(ObjectNode object) {
        if (name.kind().equals("Namespace")
                && object.path("status").path("phase").isMissingNode()) {
            object.withObject("/status").put("phase", "Active");
        }
    }

    private static Object lastSeen(ApiObject event, Instant now) {
        for (String field : List.of("lastTimestamp", "eventTime", "firstTimestamp")) {
            if (event.tree().path(field).isTextual()) {
                return Column.age(event.tree().path(field), now);
            }
        }
        return Column.age(event.metadata().path("creationTimestamp"), now);
    }

    private static String involved(ApiObject event) {
        JsonNode involved = event.tree().path("involvedObject");
        return involved.path("kind").asText().toLowerCase(Locale.ROOT) + "/"
                + involved.path("name").asText();
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

    private static String address(ApiObject node) {
        for (JsonNode address : node.status().path("addresses")) {
            if (address.path("type").asText().equals("InternalIP")) {
                return address.path("address").asText();
            }
        }
        return "<none>";
    }
}
