package dev.slipway.door.apiserver;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Endpoint;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.RequestBody;
import dev.slipway.door.logs.PodLogs;
import dev.slipway.door.streams.PodArchive;
import dev.slipway.door.streams.PodStreams;
import dev.slipway.door.usage.UsageDocuments;
import dev.slipway.door.usage.UsageSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Answers everything below `/api` and `/apis`: finds the kind that a path names and hands the request to who reads,
/// writes, or does the special things of a kind.
final class ResourceRoutes implements Endpoint {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final Map<String, String> SESSIONS = new TreeMap<>(
            Map.of("attach", "PodAttachOptions", "exec", "PodExecOptions", "portforward", "PodPortForwardOptions"));
    private static final List<String> SESSION_VERBS = List.of("create", "get");
    private static final List<String> PART_VERBS = List.of("get", "patch", "update");

    private final Kinds kinds;
    private final Discovery discovery;
    private final Reads reads;
    private final WriteRequests writes;
    private final PodLogs logs;
    private final PodStreams streams;
    private final PodArchive files;
    private final UsageRoutes usage;
    private final UsageSource source;
    private final ImageExports exports;
    private final ContainerVerbs verbs;
    private final ScaleRoutes scale;
    private final RequestBody bodies = new RequestBody();

    ResourceRoutes(ApiParts parts) {
        this.kinds = parts.objects().kinds();
        this.discovery = new Discovery(Stream.of(
                        kinds.all().stream().map(ResourceRoutes::served),
                        Reviews.resources().stream(),
                        UsageRoutes.resources().stream())
                .flatMap(each -> each)
                .toList());
        this.reads = new Reads(parts.objects(), parts.clock());
        this.writes = new WriteRequests(parts.objects(), bodies);
        this.logs = new PodLogs(parts.logs(), parts.clock());
        this.verbs = new ContainerVerbs(parts.objects(), parts.sessions(), bodies, parts.clock());
        this.scale = new ScaleRoutes(parts.objects(), bodies);
        this.exports = parts.exports();
        this.files = new PodArchive(parts.files(), parts.sessions());
        this.usage = new UsageRoutes(parts);
        this.source = parts.usage();
        this.streams = new PodStreams(parts.sessions(), parts.workers());
    }

    @Override
    public Reply answer(ApiRequest request) throws IOException {
        try {
            return routed(request);
        } catch (ApiException e) {
            return new Reply.Document(e.code(), e.toStatus(), Reply.JSON, List.of());
        }
    }

    private Reply routed(ApiRequest request) throws ApiException, IOException {
        if (Discovery.answers(request.segments())) {
            return discovery.answer(request);
        }
        ResourcePath path = ResourcePath.parse(request.segments());
        if (Reviews.answers(path)) {
            return Reviews.answer(request, path, bodies);
        }
        if (UsageRoutes.answers(path)) {
            return usage.answer(request, path);
        }
        Kind kind = kind(path);
        return switch (path.subresource()) {
            case "" -> object(request, kind, path);
            case "status" -> kind.hasStatus() ? object(request, kind, path) : none();
            case "resize" -> kind.name().kind().equals("Pod") ? object(request, kind, path) : none();
            case "ephemeralcontainers" -> kind.name().kind().equals("Pod") ? object(request, kind, path) : none();
            case "archive" -> archive(request, kind, path);
            case "push" -> push(request, kind, path);
            case "log", "eviction", "exec", "attach", "portforward", "top" -> ofPod(request, kind, path);
            case "scale" -> scale.answer(request, kind, path);
            case "pause", "resume", "stop", "start", "restart", "kill" -> verbs.answer(request, kind, path);
            default -> none();
        };
    }

    private static Reply none() {
        throw RefusedException.notFound();
    }

    private Reply object(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        requireNamespaceIfNamed(kind, path);
        boolean isPart = !path.subresource().isEmpty();
        if (isPart && !List.of("GET", "PUT", "PATCH").contains(request.method())) {
            throw RefusedException.methodNotAllowed();
        }
        return request.method().equals("GET") ? reads.answer(request, kind, path) : writes.answer(request, kind, path);
    }

    private Reply archive(ApiRequest request, Kind kind, ResourcePath path) throws ApiException, IOException {
        if (kind.name().kind().equals("Pod") || kind.name().kind().equals("Container")) {
            return ofPod(request, kind, path);
        }
        if (!kind.name().kind().equals("Image") || !request.method().equals("GET")) {
            throw RefusedException.notFound();
        }
        String format = request.query().text("format");
        ApiObject image = reads.object(kind, path);
        return new Reply.Stream(
                "application/x-tar",
                exports.archive(image, format.isEmpty() ? "oci-layout" : format)
                        .orElseThrow(() -> RefusedException.badRequest(
                                "image \"%s\" is not on this host".formatted(image.name()))));
    }

    private Reply push(ApiRequest request, Kind kind, ResourcePath path) {
        if (!kind.name().kind().equals("Image")) {
            return none();
        }
        if (!request.method().equals("POST")) {
            throw RefusedException.methodNotAllowed();
        }
        return new Reply.Stream(
                Reply.JSON_LINES, exports.push(path.name(), request.query().text("to")));
    }

    private Reply ofPod(ApiRequest request, Kind kind, ResourcePath path) throws ApiException, IOException {
        if (kind.name().kind().equals("Container")) {
            ResourcePath pod = path.ofPod();
            return ofPod(request, kind(pod), pod);
        }
        if (kind.name().kind().equals("Image") && path.subresource().equals("log")) {
            return logs.ofBuild(reads.object(kind, path), request.query());
        }
        if (!kind.name().kind().equals("Pod") || path.namespace().isEmpty()) {
            throw RefusedException.notFound();
        }
        return path.subresource().equals("eviction")
                ? writes.evict(request, kind, path)
                : ofRunning(request, reads.object(kind, path), path.subresource());
    }

    private Reply ofRunning(ApiRequest request, ApiObject pod, String part) throws IOException {
        if (part.equals("portforward")) {
            return streams.forward(pod, request);
        }
        String container = ContainerChoice.of(pod, request.query().text("container"));
        return switch (part) {
            case "log" -> logs.answer(pod, container, request.query());
            case "exec" -> streams.exec(pod, container, request);
            case "archive" -> files.answer(pod, container, request);
            case "top" -> Reply.ok(UsageDocuments.processes(source.processes(pod, container)));
            default -> streams.attach(pod, container, request);
        };
    }

    private Kind kind(ResourcePath path) {
        return kinds.find(new GroupResource(path.group(), path.plural()))
                .filter(kind -> kind.name().version().equals(path.version()))
                .filter(kind -> kind.name().isNamespaced() || path.namespace().isEmpty())
                .orElseThrow(RefusedException::notFound);
    }

    private static void requireNamespaceIfNamed(Kind kind, ResourcePath path) {
        if (kind.name().isNamespaced()
                && path.namespace().isEmpty()
                && !path.name().isEmpty()) {
            throw RefusedException.notFound();
        }
    }

    private static ServedResource served(Kind kind) {
        KindName name = kind.name();
        List<ServedResource.Part> parts = new ArrayList<>();
        if (kind.hasStatus()) {
            parts.add(new ServedResource.Part("status", name.group(), name.version(), name.kind(), PART_VERBS));
        }
        if (name.kind().equals("Pod")) {
            parts.add(new ServedResource.Part("eviction", "policy", "v1", "Eviction", List.of("create")));
            parts.add(new ServedResource.Part("ephemeralcontainers", "", "v1", "Pod", PART_VERBS));
        }
        if (name.kind().equals("Image")) {
            for (String part : List.of("archive", "log")) {
                parts.add(new ServedResource.Part(part, name.group(), name.version(), name.kind(), List.of("get")));
            }
            parts.add(new ServedResource.Part("push", name.group(), name.version(), name.kind(), List.of("create")));
        }
        if (name.kind().equals("Pod") || name.kind().equals("Container")) {
            parts.add(new ServedResource.Part("resize", name.group(), name.version(), name.kind(), PART_VERBS));
            parts.add(new ServedResource.Part("log", name.group(), name.version(), name.kind(), List.of("get")));
            parts.add(new ServedResource.Part("top", name.group(), name.version(), name.kind(), List.of("get")));
            parts.add(new ServedResource.Part(
                    "archive", name.group(), name.version(), name.kind(), List.of("get", "update")));
            for (Map.Entry<String, String> session : SESSIONS.entrySet()) {
                parts.add(new ServedResource.Part(session.getKey(), "", "v1", session.getValue(), SESSION_VERBS));
            }
        }
        if (ContainerVerbs.areOf(kind)) {
            parts.addAll(ContainerVerbs.parts());
        }
        if (ScaleRoutes.areOf(kind)) {
            parts.add(ScaleRoutes.PART);
        }
        return new ServedResource(
                name.group(),
                name.version(),
                name.plural(),
                name.singular(),
                name.kind(),
                name.isNamespaced(),
                VERBS,
                name.shortNames(),
                kind.categories(),
                parts);
    }
}
