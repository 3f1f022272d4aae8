package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.meta.ApiObject;
import java.time.Instant;
import java.util.List;

/// What `kubectl get pods` prints. The one word for a pod's state is found as Kubernetes' own printer finds it.
final class PodColumns {
    static final List<Column> ALL = List.of(
            Column.computed("Ready", "Containers that are ready, of all.", (pod, now) -> ready(pod)),
            Column.computed("Status", "The aggregate status of the containers in this pod.", (pod, now) -> state(pod)),
            Column.computed("Restarts", "How often containers were restarted.", PodColumns::restarts),
            Column.AGE,
            Column.computed("IP", "Address of the pod.", (pod, now) -> orNone(pod, "/status/podIP"))
                    .wide(),
            Column.computed("Node", "Where it runs.", (pod, now) -> orNone(pod, "/spec/nodeName"))
                    .wide(),
            Column.computed("Nominated Node", "Where it shall run.", (pod, now) -> "<none>")
                    .wide(),
            Column.computed("Readiness Gates", "Conditions of others.", (pod, now) -> "<none>")
                    .wide());

    private PodColumns() {}

    private static String ready(ApiObject pod) {
        int ready = 0;
        for (JsonNode status : pod.status().path("containerStatuses")) {
            ready += status.path("ready").asBoolean() ? 1 : 0;
        }
        return ready + "/" + pod.spec().path("containers").size();
    }

    private static String restarts(ApiObject pod, Instant now) {
        int restarts = 0;
        JsonNode last = MissingNode.getInstance();
        for (JsonNode status : pod.status().path("containerStatuses")) {
            restarts += status.path("restartCount").asInt();
            JsonNode finished = status.path("lastState").path("terminated").path("finishedAt");
            if (finished.isTextual() && finished.asText().compareTo(last.asText()) > 0) {
                last = finished;
            }
        }
        return restarts == 0 || !last.isTextual() ? "" + restarts : restarts + " (" + Column.age(last, now) + " ago)";
    }

    private static String state(ApiObject pod) {
        String state =
                pod.status().path("reason").asText(pod.status().path("phase").asText());
        boolean initializing = false;
        JsonNode initStatuses = pod.status().path("initContainerStatuses");
        for (int i = 0; i < initStatuses.size() && !initializing; i++) {
            JsonNode now = initStatuses.get(i).path("state");
            boolean done = now.path("terminated").isObject()
                    && now.path("terminated").path("exitCode").asInt() == 0;
            boolean sidecar = now.path("running").isObject() && isSidecar(pod, i);
            if (!done && !sidecar) {
                initializing = true;
                state = "Init:"
                        + initState(now, i, pod.spec().path("initContainers").size());
            }
        }
        if (!initializing) {
            state = containersState(pod, state);
        }
        return pod.deletionTimestamp().isPresent() ? "Terminating" : state;
    }

    private static boolean isSidecar(ApiObject pod, int index) {
        return pod.spec()
                .path("initContainers")
                .path(index)
                .path("restartPolicy")
                .asText()
                .equals("Always");
    }

    private static String initState(JsonNode state, int index, int count) {
        if (state.path("terminated").isObject()) {
            return terminated(state.path("terminated"));
        }
        String reason = state.path("waiting").path("reason").asText();
        return reason.isEmpty() || reason.equals("PodInitializing") ? index + "/" + count : reason;
    }

    private static String containersState(ApiObject pod, String phase) {
        String state = phase;
        boolean running = false;
        JsonNode statuses = pod.status().path("containerStatuses");
        for (int i = statuses.size() - 1; i >= 0; i--) {
            JsonNode now = statuses.get(i).path("state");
            String waiting = now.path("waiting").path("reason").asText();
            if (!waiting.isEmpty()) {
                state = waiting;
            } else if (now.path("terminated").isObject()) {
                state = terminated(now.path("terminated"));
            } else if (statuses.get(i).path("ready").asBoolean()
                    && now.path("running").isObject()) {
                running = true;
            }
        }
        if (state.equals("Completed") && running) {
            return "Running";
        }
        return state;
    }

    private static String terminated(JsonNode terminated) {
        String reason = terminated.path("reason").asText();
        if (!reason.isEmpty()) {
            return reason;
        }
        int signal = terminated.path("signal").asInt();
        return signal != 0
                ? "Signal:" + signal
                : "ExitCode:" + terminated.path("exitCode").asInt();
    }

    private static String orNone(ApiObject pod, String pointer) {
        String text = pod.tree().at(pointer).asText();
        return text.isEmpty() ? "<none>" : text;
    }
}
