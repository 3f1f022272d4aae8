package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.RequestBody;
import java.util.List;

/// Answers `scale` of a `Container`, for `kubectl scale`: one replica is the desired state `Running`, none is
/// `Stopped`. A `Container` is one, so there are never more.
final class ContainerScale {
    static final ServedResource.Part PART =
            new ServedResource.Part("scale", "autoscaling", "v1", "Scale", List.of("get", "patch", "update"));

    private final ObjectApi objects;
    private final RequestBody bodies;

    ContainerScale(ObjectApi objects, RequestBody bodies) {
        this.objects = objects;
        this.bodies = bodies;
    }

    Reply answer(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        if (!ContainerVerbs.areOf(kind) || path.namespace().isEmpty()) {
            throw RefusedException.notFound();
        }
        ObjectKey key = Kinds.key(kind, path.namespace(), path.name());
        return switch (request.method()) {
            case "GET" -> Reply.ok(scale(objects.get(key)));
            case "PUT" -> scaled(request, kind, key, bodies.object(request));
            case "PATCH" -> scaled(request, kind, key, bodies.patch(request));
            default -> throw RefusedException.methodNotAllowed();
        };
    }

    private Reply scaled(ApiRequest request, Kind kind, ObjectKey key, JsonNode sent) throws ApiException {
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        changes.putObject("spec").put("desiredState", replicas(sent) == 0 ? "Stopped" : "Running");
        JsonNode version = sent.path("metadata").path("resourceVersion");
        if (version.isTextual() && !version.asText().isEmpty()) {
            changes.putObject("metadata").set("resourceVersion", version);
        }
        WriteOptions options = new WriteOptions(
                request.query().optional("fieldManager").orElseGet(request::program),
                WriteOptions.FieldValidation.WARN,
                !request.query().all("dryRun").isEmpty(),
                false,
                "");
        return Reply.ok(scale(
                objects.patch(kind, key, new Patch.Merge(changes), options).object()));
    }

    /// Of a `Scale`, a merge patch of one, or a JSON patch.
    private static int replicas(JsonNode sent) {
        JsonNode replicas = sent.path("spec").path("replicas");
        for (JsonNode step : sent) {
            if (sent.isArray() && step.path("path").asText().equals("/spec/replicas")) {
                replicas = step.path("value");
            }
        }
        if (!replicas.isInt() || replicas.asInt() < 0 || replicas.asInt() > 1) {
            throw new RefusedException(
                    422, "Invalid", "spec.replicas: Invalid value: a Container is one; say 0 or 1, not " + replicas);
        }
        return replicas.asInt();
    }

    private static ObjectNode scale(ApiObject container) {
        ObjectNode scale =
                JsonNodeFactory.instance.objectNode().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        scale.putObject("metadata")
                .put("name", container.name())
                .put("namespace", container.namespace())
                .put("uid", container.uid())
                .put(
                        "resourceVersion",
                        container.metadata().path("resourceVersion").asText())
                .set("creationTimestamp", container.metadata().path("creationTimestamp"));
        boolean isWanted = !container.spec().path("desiredState").asText().equals("Stopped");
        boolean runs = container.status().path("phase").asText().equals("Running");
        scale.putObject("spec").put("replicas", isWanted ? 1 : 0);
        scale.putObject("status").put("replicas", runs ? 1 : 0);
        return scale;
    }
}
