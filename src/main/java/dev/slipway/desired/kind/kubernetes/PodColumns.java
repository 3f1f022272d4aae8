package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import java.util.List;

/// What `kubectl get pods` prints.
final class PodColumns {
    static final List<Column> ALL = List.of(
            Column.computed("Ready", "Containers that are ready, of all.", (pod, now) -> PodSummary.of(pod, now)
                    .readyOfAll()),
            Column.computed(
                    "Status",
                    "The aggregate status of the containers in this pod.",
                    (pod, now) -> PodSummary.of(pod, now).word()),
            Column.computed("Restarts", "How often containers were restarted.", (pod, now) -> PodSummary.of(pod, now)
                    .restarts()),
            Column.AGE,
            Column.computed("IP", "Address of the pod.", (pod, now) -> address(pod))
                    .wide(),
            Column.computed("Node", "Where it runs.", (pod, now) -> orNone(pod, "/spec/nodeName"))
                    .wide(),
            Column.computed(
                            "Nominated Node",
                            "Where it shall run.",
                            (pod, now) -> orNone(pod, "/status/nominatedNodeName"))
                    .wide(),
            Column.computed("Readiness Gates", "Conditions of others.", (pod, now) -> gates(pod))
                    .wide());

    private PodColumns() {}

    private static String address(ApiObject pod) {
        String first = pod.tree().at("/status/podIPs/0/ip").asText();
        return first.isEmpty() ? orNone(pod, "/status/podIP") : first;
    }

    private static String gates(ApiObject pod) {
        int met = 0;
        JsonNode gates = pod.spec().path("readinessGates");
        for (JsonNode gate : gates) {
            met += Conditions.isTrue(pod.status(), gate.path("conditionType").asText()) ? 1 : 0;
        }
        return gates.isEmpty() ? "<none>" : met + "/" + gates.size();
    }

    private static String orNone(ApiObject pod, String pointer) {
        String text = pod.tree().at(pointer).asText();
        return text.isEmpty() ? "<none>" : text;
    }
}
