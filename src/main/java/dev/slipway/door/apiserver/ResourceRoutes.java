package dev.slipway.door.apiserver;

import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Answers everything below `/api` and `/apis`: finds the kind that a path names and hands the request to who reads,
/// writes, or does the special things of a kind.
final class ResourceRoutes implements Endpoint {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final List<String> PART_VERBS = List.of("get", "patch", "update");

    private final Kinds kinds;
    private final Discovery discovery;
    private final Reads reads;
    private final PodLogs logs;
    private final RequestBody bodies = new RequestBody();

    ResourceRoutes(ApiParts parts) {
        this.kinds = parts.kinds();
        this.discovery = new Discovery(
                Stream.concat(kinds.all().stream().map(ResourceRoutes::served), Reviews.resources().stream())
                        .toList());
        this.reads = new Reads(parts.store(), parts.clock());
        this.logs = new PodLogs(parts.logs(), parts.clock());
    }

    @Override
    public Reply answer(ApiRequest request) {
        if (Discovery.answers(request.segments())) {
            return discovery.answer(request);
        }
        ResourcePath path = ResourcePath.parse(request.segments());
        if (Reviews.answers(path)) {
            return Reviews.answer(request, path, bodies);
        }
        Kind kind = kind(path);
        return switch (path.subresource()) {
            case "" -> object(request, kind, path);
            case "log" -> log(request, kind, path);
            default -> throw RefusedException.notFound();
        };
    }

    private Reply object(ApiRequest request, Kind kind, ResourcePath path) {
        requireNamespaceIfNamed(kind, path);
        return switch (request.method()) {
            case "GET" -> reads.answer(request, kind, path);
            default -> throw RefusedException.methodNotAllowed();
        };
    }

    private Reply log(ApiRequest request, Kind kind, ResourcePath path) {
        if (!kind.name().kind().equals("Pod") || !request.method().equals("GET")) {
            throw RefusedException.notFound();
        }
        return logs.answer(reads.object(kind, path), request.query());
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
            parts.add(new ServedResource.Part("log", name.group(), name.version(), name.kind(), List.of("get")));
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
