package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.FieldError;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.merge.ApplyResult;
import dev.slipway.desired.merge.ManagedFields;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.util.List;

/// What an API client must know of a refusal; [#toStatus] is the body of the answer.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ Kubernetes: Status
public final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;
    private final transient ObjectNode details;

    private ApiException(int code, String reason, String message, ObjectNode details) {
        super(message);
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    public static ApiException notFound(ObjectKey key) {
        return of(404, "NotFound", "%s \"%s\" not found".formatted(key.resource(), key.name()), key);
    }

    public static ApiException alreadyExists(ObjectKey key) {
        return of(409, "AlreadyExists", "%s \"%s\" already exists".formatted(key.resource(), key.name()), key);
    }

    public static ApiException conflict(ObjectKey key, String detail) {
        String message = "Operation cannot be fulfilled on %s \"%s\": %s".formatted(key.resource(), key.name(), detail);
        return of(409, "Conflict", message, key);
    }

    static ApiException changedMeanwhile(ObjectKey key) {
        return conflict(
                key, "the object has been modified; please apply your changes to the latest version and try again");
    }

    public static ApiException badRequest(String message) {
        return new ApiException(400, "BadRequest", message, noDetails());
    }

    /// A request that is well formed and cannot be done.
    static ApiException unprocessable(String message) {
        return new ApiException(422, "Invalid", message, noDetails());
    }

    public static ApiException forbidden(ObjectKey key, String detail) {
        return of(403, "Forbidden", "%s \"%s\" is forbidden: %s".formatted(key.resource(), key.name(), detail), key);
    }

    /// A resource version whose history is gone.
    public static ApiException expired(String message) {
        return new ApiException(410, "Expired", message, noDetails());
    }

    static ApiException invalid(KindName kind, String name, List<FieldError> errors) {
        ObjectNode details = noDetails();
        details.put("name", name).put("group", kind.group()).put("kind", kind.kind());
        ArrayNode causes = details.putArray("causes");
        errors.forEach(error -> causes.addObject()
                .put("reason", error.reason())
                .put("message", error.message())
                .put("field", error.path()));
        String all = errors.size() == 1
                ? errors.getFirst().toString()
                : "["
                        + String.join(
                                ", ", errors.stream().map(FieldError::toString).toList()) + "]";
        String type = kind.group().isEmpty() ? kind.kind() : kind.kind() + "." + kind.group();
        return new ApiException(422, "Invalid", "%s \"%s\" is invalid: %s".formatted(type, name, all), details);
    }

    static ApiException applyConflict(ObjectKey key, List<ApplyResult.Conflict> conflicts) {
        ObjectNode details = details(key);
        ArrayNode causes = details.putArray("causes");
        conflicts.forEach(conflict -> causes.addObject()
                .put("reason", "FieldManagerConflict")
                .put("message", "conflict with " + manager(conflict))
                .put("field", conflict.path()));
        String message = "Apply failed with %d conflict%s: %s"
                .formatted(
                        conflicts.size(),
                        conflicts.size() == 1 ? "" : "s",
                        String.join(
                                ", ",
                                conflicts.stream()
                                        .map(conflict ->
                                                "conflict with %s: %s".formatted(manager(conflict), conflict.path()))
                                        .toList()));
        return new ApiException(409, "Conflict", message, details);
    }

    static ApiException internal(ObjectKey key, Throwable cause) {
        return of(500, "InternalError", "Internal error occurred: " + cause.getMessage(), key);
    }

    private static String manager(ApplyResult.Conflict conflict) {
        ManagedFields.Writer writer = conflict.writer();
        String part = writer.subresource().isEmpty() ? "" : " with subresource \"%s\"".formatted(writer.subresource());
        return switch (writer.operation()) {
            case APPLY -> "\"%s\"%s".formatted(writer.manager(), part);
            case UPDATE -> "\"%s\"%s using %s".formatted(writer.manager(), part, writer.apiVersion());
        };
    }

    public int code() {
        return code;
    }

    /// The machine-readable word, for instance `NotFound`.
    public String reason() {
        return reason;
    }

    /// The `Status` document.
    public ObjectNode toStatus() {
        ObjectNode status = ObjectCodec.json().createObjectNode();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure").put("message", getMessage()).put("reason", reason);
        if (!details.isEmpty()) {
            status.set("details", details);
        }
        return status.put("code", code);
    }

    private static ApiException of(int code, String reason, String message, ObjectKey key) {
        return new ApiException(code, reason, message, details(key));
    }

    private static ObjectNode details(ObjectKey key) {
        ObjectNode details = noDetails();
        details.put("name", key.name());
        if (!key.resource().group().isEmpty()) {
            details.put("group", key.resource().group());
        }
        return details.put("kind", key.resource().plural());
    }

    private static ObjectNode noDetails() {
        return ObjectCodec.json().createObjectNode();
    }
}
