package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.door.health.HealthCheck;
import dev.slipway.door.health.HealthReport;
import dev.slipway.door.health.HostStatus;
import dev.slipway.door.health.Metric;
import dev.slipway.door.health.MetricsText;
import dev.slipway.door.health.ProcessMetrics;
import dev.slipway.door.health.RequestCounts;
import dev.slipway.door.health.SystemSpace;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Endpoint;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.openapi.OpenApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Who answers what, by the first part of the path.
final class Endpoints {
    private static final String KUBERNETES = "v1.35.0";

    private Endpoints() {}

    static Map<String, Endpoint> of(ApiParts parts, RequestCounts counts) {
        Map<String, Endpoint> endpoints = new HashMap<>();
        ResourceRoutes resources = new ResourceRoutes(parts);
        endpoints.put("api", resources);
        endpoints.put("apis", resources);
        endpoints.put(
                "openapi", new OpenApiEndpoint(new OpenApi(parts.objects().kinds(), parts.version()), parts.clock()));
        HostStatus status =
                new HostStatus(parts.objects().store(), parts.objects().kinds(), parts.problems());
        endpoints.put("status", request -> Reply.ok(status.document()));
        endpoints.put("system", request -> system(parts.space(), request));
        endpoints.put("version", request -> Reply.ok(version(parts.version())));
        endpoints.put("metrics", request -> metrics(parts, counts));
        // Another process would find the same disk: who restarts what is not alive has nothing to restart.
        endpoints.put("livez", request -> health(request, List.of()));
        for (String health : List.of("readyz", "healthz")) {
            endpoints.put(health, request -> health(request, parts.checks()));
        }
        return Map.copyOf(endpoints);
    }

    /// `GET /readyz?verbose&exclude=object-store`, and `GET /readyz/object-store` for one of the checks.
    private static Reply health(ApiRequest request, List<HealthCheck> checks) throws InterruptedException {
        List<String> segments = request.segments();
        if (segments.size() > 2) {
            throw RefusedException.notFound();
        }
        HealthReport report = segments.size() == 2
                ? HealthReport.ofOne(segments.getLast(), checks).orElseThrow(RefusedException::notFound)
                : HealthReport.of(
                        segments.getFirst(),
                        checks,
                        request.query().values().contains("verbose"),
                        request.query().all("exclude"));
        byte[] text = report.text().getBytes(StandardCharsets.UTF_8);
        return new Reply.Bytes(report.isGood() ? 200 : 500, text, Map.of("Content-Type", Reply.TEXT));
    }

    /// `GET /system/df` and `POST /system/prune?volumes=true&dryRun=true`.
    private static Reply system(SystemSpace space, ApiRequest request) throws IOException, InterruptedException {
        boolean counts = request.segments().equals(List.of("system", "df"));
        if (!counts && !request.segments().equals(List.of("system", "prune"))) {
            throw RefusedException.notFound();
        }
        if (!request.method().equals(counts ? "GET" : "POST")) {
            throw RefusedException.methodNotAllowed();
        }
        return Reply.ok(
                counts
                        ? space.usage()
                        : space.prune(
                                request.query().flag("volumes"), request.query().flag("dryRun")));
    }

    /// The version of Kubernetes that is spoken, in the form that helm reads, with ours behind the plus sign.
    private static ObjectNode version(String engine) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("major", "1")
                .put("minor", "35")
                .put("gitVersion", KUBERNETES + "+slipway." + engine.replaceAll("[^0-9A-Za-z.-]", "-"))
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "1970-01-01T00:00:00Z")
                .put("goVersion", "none")
                .put("compiler", "javac")
                .put("platform", "linux/" + System.getProperty("os.arch"));
    }

    private static Reply metrics(ApiParts parts, RequestCounts counts) {
        List<Metric> metrics = new ArrayList<>(new ProcessMetrics().metrics());
        metrics.addAll(counts.metrics());
        for (Kind kind : parts.objects().kinds().all()) {
            int count = parts.objects()
                    .store()
                    .list(kind.name().resource(), "")
                    .items()
                    .size();
            metrics.add(Metric.gauge("slipway_objects", "Objects that are stored.", count)
                    .with("resource", kind.name().resource().toString()));
        }
        parts.metrics().forEach(source -> metrics.addAll(source.metrics()));
        byte[] text = MetricsText.of(metrics).getBytes(StandardCharsets.UTF_8);
        return new Reply.Bytes(200, text, Map.of("Content-Type", MetricsText.CONTENT_TYPE));
    }
}
