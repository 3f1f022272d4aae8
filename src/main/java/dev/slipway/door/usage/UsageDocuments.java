package dev.slipway.door.usage;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.door.usage.UsageMeter.Rate;
import dev.slipway.door.usage.UsageSource.Process;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Rates and processes as clients read them. Pure.
///
/// @spec https://github.com/kubernetes/metrics/blob/master/pkg/apis/metrics/v1beta1/types.go metrics.k8s.io/v1beta1
public final class UsageDocuments {
    public static final String API_VERSION = "metrics.k8s.io/v1beta1";
    /// Beside what Kubernetes' metrics have.
    private static final String PIDS = "slipway.dev/pids";
    private static final long KIBIBYTE = 1024;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private UsageDocuments() {}

    /// @param containers by name, in order; not empty
    public static ObjectNode pod(ApiObject pod, Map<String, Rate> containers, Instant now) {
        ObjectNode document = document("PodMetrics", pod, longest(containers.values()), now);
        ArrayNode list = document.putArray("containers");
        containers.forEach((name, rate) -> {
            ObjectNode container = list.addObject().put("name", name);
            usage(container, rate);
        });
        return document;
    }

    public static ObjectNode node(ApiObject node, Rate rate, Instant now) {
        ObjectNode document = document("NodeMetrics", node, rate.window(), now);
        usage(document, rate);
        return document;
    }

    public static ObjectNode list(String kind, List<ObjectNode> items) {
        ObjectNode list = JSON.objectNode().put("kind", kind + "List").put("apiVersion", API_VERSION);
        list.putObject("metadata");
        items.forEach(list.putArray("items")::add);
        return list;
    }

    private static ObjectNode document(String kind, ApiObject object, Duration window, Instant now) {
        ObjectNode document = JSON.objectNode().put("kind", kind).put("apiVersion", API_VERSION);
        ObjectNode metadata = document.putObject("metadata").put("name", object.name());
        if (!object.namespace().isEmpty()) {
            metadata.put("namespace", object.namespace());
        }
        metadata.put("creationTimestamp", Timestamps.seconds(now));
        if (!object.labels().isEmpty()) {
            ObjectNode labels = metadata.putObject("labels");
            object.labels().forEach(labels::put);
        }
        return document.put("timestamp", Timestamps.seconds(now)).put("window", seconds(window));
    }

    private static void usage(ObjectNode parent, Rate rate) {
        parent.putObject("usage")
                .put("cpu", rate.nanocores() + "n")
                .put("memory", rate.memoryBytes() / KIBIBYTE + "Ki")
                .put(PIDS, Long.toString(rate.pids()));
    }

    private static Duration longest(Collection<Rate> rates) {
        return rates.stream().map(Rate::window).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /// As Go reads durations.
    private static String seconds(Duration time) {
        return "%d.%03ds".formatted(time.toSeconds(), time.toMillisPart());
    }

    /// A table, as kubectl prints them.
    ///
    /// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables Kubernetes:
    ///     tables
    public static ObjectNode processes(List<Process> processes) {
        ObjectNode table = JSON.objectNode().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata");
        ArrayNode columns = table.putArray("columnDefinitions");
        for (String name : List.of("PID", "Inside", "User", "State", "Time", "Memory", "Command")) {
            columns.addObject()
                    .put("name", name)
                    .put("type", "string")
                    .put("format", "")
                    .put("description", "")
                    .put("priority", 0);
        }
        ArrayNode rows = table.putArray("rows");
        for (Process process : processes) {
            rows.addObject()
                    .putArray("cells")
                    .add(process.pid())
                    .add(process.inside())
                    .add(process.user())
                    .add(process.state())
                    .add("%d:%02d"
                            .formatted(process.cpu().toMinutes(), process.cpu().toSecondsPart()))
                    .add(process.memoryBytes() / KIBIBYTE + "Ki")
                    .add(String.join(" ", process.command()));
        }
        return table;
    }
}
