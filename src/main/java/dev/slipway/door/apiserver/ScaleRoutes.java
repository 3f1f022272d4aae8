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
import dev.slipway.desired.merge.JsonPatches;
import dev.slipway.desired.merge.MergePatch;
import dev.slipway.desired.merge.PatchException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.LabelSelector;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.RequestBody;
import java.util.List;

/// Answers `scale`, for `kubectl scale`: of a Deployment or ReplicaSet, its replicas; of a `Container`, which is one,
/// one replica is the desired state `Running` and none is `Stopped`.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/scale-v1/ Kubernetes: Scale
final class ScaleRoutes {
    static final ServedResource.Part PART =
            new ServedResource.Part("scale", "autoscaling", "v1", "Scale", List.of("get", "patch", "update"));

    private final ObjectApi objects;
    private final RequestBody bodies;

    ScaleRoutes(ObjectApi objects, RequestBody bodies) {
        this.objects = objects;
        this.bodies = bodies;
    }

    /// Whether objects of this kind have a scale.
    static boolean areOf(Kind kind) {
        return ContainerVerbs.areOf(kind) || hasReplicas(kind);
    }

    private static boolean hasReplicas(Kind kind) {
        return kind.name().group().equals("apps");
    }

    Reply answer(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        if (!areOf(kind) || path.namespace().isEmpty()) {
            throw RefusedException.notFound();
        }
        ObjectKey key = Kinds.key(kind, path.namespace(), path.name());
        return switch (request.method()) {
            case "GET" -> Reply.ok(scale(kind, objects.get(key)));
            case "PUT" -> scaled(request, kind, key, bodies.object(request));
            case "PATCH" -> scaled(request, kind, key, bodies.patch(request));
            default -> throw RefusedException.methodNotAllowed();
        };
    }

    private Reply scaled(ApiRequest request, Kind kind, ObjectKey key, JsonNode sent) throws ApiException {
        ObjectNode before = scale(kind, objects.get(key));
        boolean isWhole = request.method().equals("PUT");
        JsonNode wanted = isWhole ? sent : patched(before, sent);
        requireSameUid(before, wanted);
        // Clients leave zero out of a whole scale. A patch that takes the number away is a mistake.
        int replicas = isWhole && wanted.at("/spec/replicas").isMissingNode() ? 0 : replicas(wanted);
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        if (hasReplicas(kind)) {
            changes.putObject("spec").put("replicas", replicas);
        } else {
            changes.putObject("spec").put("desiredState", state(replicas));
        }
        // What a JSON patch tests holds for this version alone; other writes insist on one only when they say so.
        JsonNode version = (sent.isArray() ? before : sent).path("metadata").path("resourceVersion");
        if (version.isTextual() && !version.asText().isEmpty()) {
            changes.putObject("metadata").set("resourceVersion", version);
        }
        WriteOptions options = new WriteOptions(
                request.query().optional("fieldManager").orElseGet(request::program),
                request.caller().name(),
                WriteOptions.FieldValidation.WARN,
                !request.query().all("dryRun").isEmpty(),
                false,
                PART.name());
        return Reply.ok(scale(
                kind,
                objects.patch(kind, key, new Patch.Merge(changes), options).object()));
    }

    private static JsonNode patched(ObjectNode scale, JsonNode patch) {
        try {
            return patch.isArray() ? JsonPatches.apply(scale, patch) : MergePatch.apply(scale, patch);
        } catch (PatchException e) {
            throw new RefusedException(422, "Invalid", String.valueOf(e.getMessage()));
        }
    }

    private static void requireSameUid(JsonNode before, JsonNode wanted) {
        String now = before.path("metadata").path("uid").asText();
        String sent = wanted.path("metadata").path("uid").asText();
        if (!sent.isEmpty() && !sent.equals(now)) {
            throw new RefusedException(
                    409,
                    "Conflict",
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s".formatted(sent, now));
        }
    }

    private static int replicas(JsonNode scale) {
        JsonNode replicas = scale.path("spec").path("replicas");
        if (!replicas.isInt() || replicas.asInt() < 0) {
            throw new RefusedException(
                    422,
                    "Invalid",
                    "spec.replicas: Invalid value: %s: must be greater than or equal to 0".formatted(replicas));
        }
        return replicas.asInt();
    }

    private static String state(int replicas) {
        if (replicas > 1) {
            throw new RefusedException(
                    422, "Invalid", "spec.replicas: Invalid value: a Container is one; say 0 or 1, not " + replicas);
        }
        return replicas == 0 ? "Stopped" : "Running";
    }

    private static ObjectNode scale(Kind kind, ApiObject object) {
        ObjectNode scale =
                JsonNodeFactory.instance.objectNode().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        scale.putObject("metadata")
                .put("name", object.name())
                .put("namespace", object.namespace())
                .put("uid", object.uid())
                .put(
                        "resourceVersion",
                        object.metadata().path("resourceVersion").asText())
                .set("creationTimestamp", object.metadata().path("creationTimestamp"));
        if (hasReplicas(kind)) {
            scale.putObject("spec")
                    .put("replicas", object.spec().path("replicas").asInt());
            scale.putObject("status")
                    .put("replicas", object.status().path("replicas").asInt())
                    .put(
                            "selector",
                            LabelSelector.of(object.spec().path("selector")).toString());
        } else {
            boolean isWanted = !object.spec().path("desiredState").asText().equals("Stopped");
            boolean runs = object.status().path("phase").asText().equals("Running");
            scale.putObject("spec").put("replicas", isWanted ? 1 : 0);
            scale.putObject("status").put("replicas", runs ? 1 : 0);
        }
        return scale;
    }
}
