package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.usage.UsageDocuments;
import dev.slipway.door.usage.UsageMeter;
import dev.slipway.door.usage.UsageMeter.Gauge;
import dev.slipway.door.usage.UsageMeter.Rate;
import dev.slipway.door.usage.UsageSource;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// Answers what is below `/apis/metrics.k8s.io/v1beta1`: what pods and nodes use, which is what `kubectl top` shows.
/// Nothing of it is stored.
final class UsageRoutes {
    private static final String GROUP = "metrics.k8s.io";
    private static final String VERSION = "v1beta1";
    private static final Map<String, String> KINDS = Map.of("pods", "PodMetrics", "nodes", "NodeMetrics");

    private final ObjectStore store;
    private final Kinds kinds;
    private final UsageSource source;
    private final UsageMeter meter;
    private final InstantSource clock;

    UsageRoutes(ApiParts parts) {
        this.store = parts.objects().store();
        this.kinds = parts.objects().kinds();
        this.source = parts.usage();
        this.meter = new UsageMeter(System::nanoTime, Thread::sleep);
        this.clock = parts.clock();
    }

    static List<ServedResource> resources() {
        return List.of(resource("nodes", false), resource("pods", true));
    }

    private static ServedResource resource(String plural, boolean namespaced) {
        return new ServedResource(
                GROUP,
                VERSION,
                plural,
                "",
                KINDS.getOrDefault(plural, ""),
                namespaced,
                List.of("get", "list"),
                List.of(),
                List.of(),
                List.of());
    }

    static boolean answers(ResourcePath path) {
        return path.group().equals(GROUP)
                && path.version().equals(VERSION)
                && path.subresource().isEmpty()
                && KINDS.containsKey(path.plural());
    }

    Reply answer(ApiRequest request, ResourcePath path) throws IOException {
        if (!request.method().equals("GET")) {
            throw RefusedException.methodNotAllowed();
        }
        List<ApiObject> objects = objects(request, path);
        List<ObjectNode> documents = path.plural().equals("pods") ? pods(objects) : nodes(objects);
        if (path.name().isEmpty()) {
            return Reply.ok(UsageDocuments.list(KINDS.getOrDefault(path.plural(), ""), documents));
        }
        return documents.stream()
                .findFirst()
                .map(Reply::ok)
                .orElseThrow(() -> new RefusedException(
                        404,
                        "NotFound",
                        "%s.%s \"%s/%s\" not found".formatted(path.plural(), GROUP, path.namespace(), path.name())));
    }

    private List<ApiObject> objects(ApiRequest request, ResourcePath path) {
        GroupResource resource = GroupResource.core(path.plural());
        Kind kind = kinds.find(resource).orElseThrow(RefusedException::notFound);
        Selection selection = Selection.of(request.query(), kind.name());
        Selection wanted = path.name().isEmpty() ? selection : selection.named(path.name());
        return store.list(resource, path.namespace()).items().stream()
                .filter(wanted::holds)
                .toList();
    }

    private List<ObjectNode> pods(List<ApiObject> pods) throws IOException {
        Map<String, Gauge> gauges = new LinkedHashMap<>();
        for (ApiObject pod : pods) {
            containers(pod).forEach((name, run) -> gauges.put(run, () -> source.container(pod, name)));
        }
        Map<String, Rate> rates = measure(gauges);
        List<ObjectNode> documents = new ArrayList<>();
        for (ApiObject pod : pods) {
            Map<String, Rate> ofPod = new LinkedHashMap<>();
            containers(pod).forEach((name, run) -> Optional.ofNullable(rates.get(run))
                    .ifPresent(rate -> ofPod.put(name, rate)));
            if (!ofPod.isEmpty()) {
                documents.add(UsageDocuments.pod(pod, ofPod, clock.instant()));
            }
        }
        return documents;
    }

    /// Names, with the ids of their runs: what another run has used is not compared.
    private static Map<String, String> containers(ApiObject pod) {
        Map<String, String> runs = new LinkedHashMap<>();
        BiFunction<String, JsonNode, String> id = (name, status) ->
                pod.uid() + "/" + name + "/" + status.path("containerID").asText();
        for (String list : List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")) {
            for (JsonNode status : pod.status().path(list)) {
                if (status.path("state").has("running")) {
                    String name = status.path("name").asText();
                    runs.put(name, id.apply(name, status));
                }
            }
        }
        return runs;
    }

    private List<ObjectNode> nodes(List<ApiObject> nodes) throws IOException {
        Map<String, Gauge> gauges = new LinkedHashMap<>();
        nodes.forEach(node -> gauges.put(node.uid(), () -> Optional.of(source.host())));
        Map<String, Rate> rates = measure(gauges);
        List<ObjectNode> documents = new ArrayList<>();
        for (ApiObject node : nodes) {
            Optional.ofNullable(rates.get(node.uid()))
                    .ifPresent(rate -> documents.add(UsageDocuments.node(node, rate, clock.instant())));
        }
        return documents;
    }

    private Map<String, Rate> measure(Map<String, Gauge> gauges) throws IOException {
        try {
            return meter.measure(gauges);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while measuring");
        }
    }
}
