package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.CommonRules;
import dev.slipway.desired.kind.Decoding;
import dev.slipway.desired.kind.FieldError;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Turns what a client sent into what may be stored: decoded strictly, completed, validated. Pure.
final class Admission {
    private static final List<String> SERVER_FIELDS = List.of(
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds");

    private Admission() {}

    /// Checks names and form, drops what a client may not say, and handles unknown fields.
    ///
    /// @return warnings
    static List<String> decode(Kind kind, ObjectKey key, ObjectNode object, WriteOptions options) throws ApiException {
        identity(kind, key, object);
        Decoding decoding = Decoding.of(object, kind, options.isStatus() || !kind.hasStatus());
        if (!decoding.mistyped().isEmpty()) {
            throw undecodable(kind, String.join(", ", decoding.mistyped()));
        }
        List<String> unknown = decoding.unknown();
        return switch (options.validation()) {
            case STRICT -> {
                if (!unknown.isEmpty()) {
                    throw undecodable(kind, "strict decoding error: " + String.join(", ", unknown));
                }
                yield List.of();
            }
            case WARN -> unknown;
            case IGNORE -> List.of();
        };
    }

    /// A stored object that another one is made of, as a pod is of a template.
    record Origin(Kind kind, ApiObject object) {}

    /// Completes and validates; refuses with every broken rule at once, but for those that the stored object breaks
    /// already: a rule that is younger than an object must not keep it from being written, or deleted.
    static void admit(Kind kind, ObjectNode object, ApiObject before) throws ApiException {
        kind.complete(object);
        ApiObject candidate = ApiObject.of(object);
        List<FieldError> errors = errors(kind, candidate, before);
        if (!errors.isEmpty()) {
            errors.removeAll(errors(kind, before, before));
        }
        require(kind, candidate, errors);
    }

    /// As the other one, of an object that is not in the store.
    ///
    /// @param origin what it is made of may break rules already, under other paths; null for nothing
    static void admitNew(Kind kind, ObjectNode object, @Nullable Origin origin) throws ApiException {
        kind.complete(object);
        ApiObject candidate = ApiObject.of(object);
        List<FieldError> errors = errors(kind, candidate, null);
        if (!errors.isEmpty() && origin != null) {
            Set<String> before = errors(origin.kind(), origin.object(), null).stream()
                    .map(Admission::withoutPlace)
                    .collect(Collectors.toSet());
            errors.removeIf(error -> before.contains(withoutPlace(error)));
        }
        require(kind, candidate, errors);
    }

    private static List<FieldError> errors(Kind kind, ApiObject object, @Nullable ApiObject before) {
        Findings findings = new Findings();
        CommonRules.validate(kind, object, before, findings);
        kind.validate(object, before, findings);
        return new ArrayList<>(findings.errors());
    }

    /// The field and what is wrong with it.
    private static String withoutPlace(FieldError error) {
        return error.path().substring(error.path().lastIndexOf('.') + 1) + ": " + error.message();
    }

    private static void require(Kind kind, ApiObject candidate, List<FieldError> errors) throws ApiException {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(kind.name(), candidate.name(), errors);
        }
    }

    private static void identity(Kind kind, ObjectKey key, ObjectNode object) throws ApiException {
        String apiVersion = object.path("apiVersion").asText(kind.name().apiVersion());
        String type = object.path("kind").asText(kind.name().kind());
        if (!apiVersion.equals(kind.name().apiVersion())
                || !type.equals(kind.name().kind())) {
            throw ApiException.badRequest(
                    "%s in version \"%s\" cannot be handled as a %s: no kind \"%s\" is registered here"
                            .formatted(type, apiVersion, kind.name().kind(), type));
        }
        object.put("apiVersion", apiVersion).put("kind", type);
        ObjectNode metadata =
                object.path("metadata") instanceof ObjectNode found ? found : object.putObject("metadata");
        String namespace = metadata.path("namespace").asText();
        if (!namespace.isEmpty() && kind.name().isNamespaced() && !namespace.equals(key.namespace())) {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
        String name = metadata.path("name").asText(key.name());
        if (!name.equals(key.name())) {
            throw ApiException.badRequest(
                    "the name of the object (%s) does not match the name on the URL (%s)".formatted(name, key.name()));
        }
        metadata.put("name", key.name());
        if (kind.name().isNamespaced()) {
            metadata.put("namespace", key.namespace());
        }
    }

    private static ApiException undecodable(Kind kind, String why) {
        String name = kind.name().kind();
        return ApiException.badRequest("%s in version \"%s\" cannot be handled as a %s: %s"
                .formatted(name, kind.name().version(), name, why));
    }

    /// Takes out what only the server says.
    static void dropServerFields(ObjectNode object) {
        ((ObjectNode) object.path("metadata")).remove(SERVER_FIELDS);
    }

    /// Puts back what only the server says.
    static void keepServerFields(ObjectNode object, ApiObject before) {
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        for (String field : SERVER_FIELDS) {
            JsonNode value = before.metadata().path(field);
            if (value.isMissingNode()) {
                metadata.remove(field);
            } else {
                metadata.set(field, value);
            }
        }
    }
}
