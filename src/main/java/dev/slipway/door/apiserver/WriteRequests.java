package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.Deletion.Propagation;
import dev.slipway.desired.api.ListOptions;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Page;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.api.WriteOptions.FieldValidation;
import dev.slipway.desired.api.Written;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.RequestBody;
import dev.slipway.door.http.StatusDocuments;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Answers POST, PUT, PATCH and DELETE: reads what the client sent and how it is meant, and lets [ObjectApi] do it.
final class WriteRequests {
    private final ObjectApi objects;
    private final RequestBody bodies;

    WriteRequests(ObjectApi objects, RequestBody bodies) {
        this.objects = objects;
        this.bodies = bodies;
    }

    Reply answer(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        boolean isCollection = path.name().isEmpty();
        return switch (request.method()) {
            case "POST" -> isCollection ? create(request, kind, path) : refused();
            case "PUT" -> isCollection ? refused() : update(request, kind, path);
            case "PATCH" -> isCollection ? refused() : patch(request, kind, path);
            case "DELETE" -> isCollection ? deleteAll(request, kind, path) : delete(request, kind, path);
            default -> refused();
        };
    }

    private static Reply refused() {
        throw RefusedException.methodNotAllowed();
    }

    private Reply create(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        ObjectNode sent = bodies.object(request);
        requireKind(sent, kind);
        String namespace = namespace(sent, kind, path);
        if (kind.name().isNamespaced() && namespace.isEmpty()) {
            throw RefusedException.badRequest("an empty namespace may not be set during creation");
        }
        return written(objects.create(kind, namespace, sent, options(request, path)));
    }

    private Reply update(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        ObjectNode sent = bodies.object(request);
        requireKind(sent, kind);
        namespace(sent, kind, path);
        requireName(sent, path);
        return written(objects.update(kind, key(kind, path), sent, options(request, path)));
    }

    private Reply patch(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        JsonNode document = bodies.patch(request);
        Patch patch =
                switch (request.contentType()) {
                    case "application/json-patch+json" -> new Patch.Json(document);
                    case "application/merge-patch+json" -> new Patch.Merge(document);
                    case "application/strategic-merge-patch+json" -> new Patch.Strategic(document);
                    case "application/apply-patch+yaml" -> apply(request, kind, path, document);
                    default ->
                        throw new RefusedException(
                                415,
                                "UnsupportedMediaType",
                                "the body of the request was in an unknown format - accepted media types include: "
                                        + "application/json-patch+json, application/merge-patch+json, "
                                        + "application/strategic-merge-patch+json, application/apply-patch+yaml");
                };
        return written(objects.patch(kind, key(kind, path), patch, options(request, path)));
    }

    private static Patch apply(ApiRequest request, Kind kind, ResourcePath path, JsonNode document) {
        if (!(document instanceof ObjectNode sent)) {
            throw RefusedException.badRequest("the body must be one object");
        }
        if (request.query().text("fieldManager").isEmpty()) {
            throw RefusedException.badRequest("fieldManager is required for apply patch");
        }
        requireKind(sent, kind);
        requireName(sent, path);
        return new Patch.Apply(sent);
    }

    private Reply delete(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        ObjectKey key = key(kind, path);
        ApiObject left = objects.delete(kind, key, deletion(request));
        boolean isGone = left.deletionTimestamp().isEmpty();
        return Reply.ok(isGone ? gone(kind, left) : left.tree());
    }

    /// Deletes a pod on behalf of who empties the host. There are no disruption budgets that could forbid it.
    Reply evict(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        if (!request.method().equals("POST")) {
            return refused();
        }
        JsonNode options = bodies.object(request).path("deleteOptions");
        objects.delete(kind, key(kind, path), deletion(options, request.query()));
        return Reply.created(StatusDocuments.success().put("code", 201));
    }

    private Reply deleteAll(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        Selection selection = Selection.of(request.query(), kind.name());
        Deletion deletion = deletion(request);
        ListOptions options = new ListOptions(selection.labels(), selection.fields(), 0, "");
        List<ApiObject> left = new ArrayList<>();
        for (ApiObject object :
                objects.list(kind.name().resource(), path.namespace(), options).items()) {
            ObjectKey key = Kinds.key(kind, object.namespace(), object.name());
            try {
                left.add(objects.delete(kind, key, deletion.of(object.uid())));
            } catch (ApiException e) {
                // Somebody else has deleted it since the list.
                if (e.code() != 404) {
                    throw e;
                }
            }
        }
        Page all = new Page(left, objects.store().resourceVersion(), "", 0);
        return Reply.ok(new WholeObjects(kind.name().apiVersion(), kind.name().kind()).list(all));
    }

    private static ObjectNode gone(Kind kind, ApiObject object) {
        ObjectNode status = StatusDocuments.success();
        ObjectNode details = status.putObject("details").put("name", object.name());
        if (!kind.name().group().isEmpty()) {
            details.put("group", kind.name().group());
        }
        details.put("kind", kind.name().plural()).put("uid", object.uid());
        return status;
    }

    private static Reply written(Written written) {
        int code = written.created() ? 201 : 200;
        return new Reply.Document(code, written.object().tree(), Reply.JSON, written.warnings());
    }

    private static ObjectKey key(Kind kind, ResourcePath path) {
        return Kinds.key(kind, path.namespace(), path.name());
    }

    private static WriteOptions options(ApiRequest request, ResourcePath path) {
        Query query = request.query();
        return new WriteOptions(
                query.optional("fieldManager").orElseGet(request::program),
                request.caller().name(),
                validation(query.text("fieldValidation")),
                isDryRun(query.all("dryRun")),
                query.flag("force"),
                path.subresource());
    }

    private static FieldValidation validation(String text) {
        return switch (text) {
            case "Strict" -> FieldValidation.STRICT;
            case "", "Warn" -> FieldValidation.WARN;
            case "Ignore" -> FieldValidation.IGNORE;
            default -> throw RefusedException.badRequest("fieldValidation must be Ignore, Warn or Strict");
        };
    }

    private static boolean isDryRun(List<String> values) {
        for (String value : values) {
            if (!value.isEmpty() && !value.equals("All")) {
                throw RefusedException.badRequest("dryRun must be All");
            }
        }
        return values.contains("All");
    }

    private Deletion deletion(ApiRequest request) {
        JsonNode body = bodies.isPresent(request) ? bodies.object(request) : JsonNodeFactory.instance.objectNode();
        return deletion(body, request.query());
    }

    /// Options stand in the body, in the query, or both; the body wins.
    private static Deletion deletion(JsonNode body, Query query) {
        Optional<Long> grace = body.path("gracePeriodSeconds").isNumber()
                ? Optional.of(body.path("gracePeriodSeconds").asLong())
                : query.seconds("gracePeriodSeconds").map(Duration::toSeconds);
        List<String> dryRun = new ArrayList<>(query.all("dryRun"));
        body.path("dryRun").forEach(value -> dryRun.add(value.asText()));
        boolean orphans = body.path("orphanDependents").asBoolean() || query.flag("orphanDependents");
        String propagation = body.path("propagationPolicy").asText(query.text("propagationPolicy"));
        return new Deletion(
                grace,
                body.at("/preconditions/uid").asText(),
                body.at("/preconditions/resourceVersion").asText(),
                orphans ? Propagation.ORPHAN : propagation(propagation),
                isDryRun(dryRun));
    }

    private static Propagation propagation(String text) {
        return switch (text) {
            case "", "Background" -> Propagation.BACKGROUND;
            case "Foreground" -> Propagation.FOREGROUND;
            case "Orphan" -> Propagation.ORPHAN;
            default -> throw RefusedException.badRequest("propagationPolicy must be Orphan, Background or Foreground");
        };
    }

    private static void requireKind(ObjectNode sent, Kind kind) {
        String apiVersion = sent.path("apiVersion").asText();
        String name = sent.path("kind").asText();
        if (apiVersion.isEmpty() || name.isEmpty()) {
            throw RefusedException.badRequest("Object 'Kind' and 'apiVersion' are missing in the body");
        }
        if (!apiVersion.equals(kind.name().apiVersion())
                || !name.equals(kind.name().kind())) {
            throw RefusedException.badRequest("the object provided is unrecognized (must be of type %s): %s %s"
                    .formatted(kind.name().kind(), apiVersion, name));
        }
    }

    private static void requireName(ObjectNode sent, ResourcePath path) {
        String name = sent.at("/metadata/name").asText();
        if (!name.isEmpty() && !name.equals(path.name())) {
            throw RefusedException.badRequest(
                    "the name of the object (%s) does not match the name on the URL (%s)".formatted(name, path.name()));
        }
    }

    /// The namespace of the request, which the object must not contradict.
    private static String namespace(ObjectNode sent, Kind kind, ResourcePath path) {
        String own = sent.at("/metadata/namespace").asText();
        if (kind.name().isNamespaced() && !own.isEmpty() && !own.equals(path.namespace())) {
            throw RefusedException.badRequest(
                    "the namespace of the provided object does not match the namespace sent" + " on the request");
        }
        return path.namespace();
    }
}
