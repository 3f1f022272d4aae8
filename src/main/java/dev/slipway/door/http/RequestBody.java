package dev.slipway.door.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.YamlDocument;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.door.protobuf.MalformedProtobufException;
import dev.slipway.door.protobuf.ProtobufBody;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// Reads bodies: JSON, YAML or protobuf, whichever the client names, all as JSON trees.
public final class RequestBody {
    private static final Set<String> JSON = Set.of("", "application/json", "*/*");
    private static final Set<String> YAML =
            Set.of("application/yaml", "application/x-yaml", "application/vnd.yaml", "text/yaml");

    private static final ObjectReader WHOLE =
            ObjectCodec.json().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final ProtobufBody protobuf = new ProtobufBody();

    /// The object in the body.
    public ObjectNode object(ApiRequest request) {
        JsonNode tree = tree(request);
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw RefusedException.badRequest("the body must be one object");
    }

    /// Whether there is a body at all; deletions often have none.
    public boolean isPresent(ApiRequest request) {
        return request.body().length > 0;
    }

    /// The JSON or YAML in a patch, whose media type names the kind of patch instead of the form of its body.
    public JsonNode patch(ApiRequest request) {
        byte[] body = request.body();
        boolean looksLikeJson = body.length > 0 && (body[0] == '{' || body[0] == '[');
        return looksLikeJson ? json(body) : yaml(body);
    }

    private JsonNode tree(ApiRequest request) {
        String type = request.contentType();
        if (JSON.contains(type)) {
            return json(request.body());
        }
        if (YAML.contains(type)) {
            return yaml(request.body());
        }
        if (type.equals(ProtobufBody.MEDIA_TYPE)) {
            try {
                return protobuf.decode(request.body());
            } catch (MalformedProtobufException e) {
                throw RefusedException.badRequest("the body is not readable as protobuf: " + e.getMessage());
            }
        }
        throw new RefusedException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json, "
                        + "application/yaml, " + ProtobufBody.MEDIA_TYPE);
    }

    private static JsonNode yaml(byte[] body) {
        try {
            List<YamlDocument> documents = YamlReader.read(body);
            if (documents.size() != 1) {
                throw RefusedException.badRequest("the body must be one document, but has " + documents.size());
            }
            return documents.getFirst().tree();
        } catch (MalformedYamlException e) {
            throw RefusedException.badRequest(
                    "the body is not readable: line %d: %s".formatted(e.line(), e.getMessage()));
        }
    }

    private static JsonNode json(byte[] body) {
        try {
            JsonNode tree = WHOLE.readTree(body);
            if (tree.isMissingNode()) {
                throw RefusedException.badRequest("the body is empty");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw RefusedException.badRequest("the body is not readable: " + words(e));
        } catch (IOException e) {
            throw RefusedException.badRequest("the body is not readable: " + e.getMessage());
        }
    }

    /// What is wrong and where, in Kubernetes' words where it has some.
    private static String words(JsonProcessingException e) {
        String message = e.getOriginalMessage();
        String where = e.getLocation() == null
                ? ""
                : " (line %d, column %d)"
                        .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
        if (message.startsWith("Duplicate field")) {
            return "strict decoding error: duplicate field "
                    + message.substring("Duplicate field ".length()).replace('\'', '"') + where;
        }
        return message + where;
    }
}
