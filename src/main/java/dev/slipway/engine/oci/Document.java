package dev.slipway.engine.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One JSON object from a stranger, read member by member. `null` is the same as absent, a wrong type is an error that
/// names the member.
final class Document {
    static final int LARGEST_BYTES = 8 << 20;
    private static final int DEEPEST = 100;
    static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(LARGEST_BYTES)
                            .maxNumberLength(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode node;
    private final String name;

    private Document(JsonNode node, String name) throws MalformedDocumentException {
        if (!node.isObject()) {
            throw new MalformedDocumentException(name + " is not an object");
        }
        this.node = node;
        this.name = name;
    }

    /// @param name what the document is, for messages
    static Document parse(byte[] bytes, String name) throws MalformedDocumentException {
        if (bytes.length > LARGEST_BYTES) {
            throw new MalformedDocumentException(name + " is larger than " + LARGEST_BYTES + " bytes");
        }
        try {
            return new Document(MAPPER.readTree(bytes), name);
        } catch (JsonProcessingException e) {
            throw new MalformedDocumentException(name + " is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new MalformedDocumentException(name + " cannot be read: " + e.getMessage(), e);
        }
    }

    boolean has(String member) {
        return node.hasNonNull(member);
    }

    String text(String member) throws MalformedDocumentException {
        return has(member) ? textOf(node.get(member), path(member)) : "";
    }

    String requiredText(String member) throws MalformedDocumentException {
        if (!has(member)) {
            throw new MalformedDocumentException(path(member) + " is missing");
        }
        return text(member);
    }

    long number(String member) throws MalformedDocumentException {
        if (!has(member)) {
            return 0;
        }
        JsonNode value = node.get(member);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new MalformedDocumentException(path(member) + " is not a whole number");
        }
        return value.longValue();
    }

    boolean flag(String member) throws MalformedDocumentException {
        if (!has(member)) {
            return false;
        }
        if (!node.get(member).isBoolean()) {
            throw new MalformedDocumentException(path(member) + " is not true or false");
        }
        return node.get(member).booleanValue();
    }

    @Nullable
    Instant instant(String member) throws MalformedDocumentException {
        String text = text(member);
        try {
            return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new MalformedDocumentException(path(member) + " is not a time: " + text, e);
        }
    }

    Digest digest(String member) throws MalformedDocumentException {
        return digestOf(requiredText(member), path(member));
    }

    @Nullable
    Document object(String member) throws MalformedDocumentException {
        return has(member) ? new Document(node.get(member), path(member)) : null;
    }

    Document requiredObject(String member) throws MalformedDocumentException {
        if (!has(member)) {
            throw new MalformedDocumentException(path(member) + " is missing");
        }
        return new Document(node.get(member), path(member));
    }

    List<Document> objects(String member) throws MalformedDocumentException {
        List<Document> found = new ArrayList<>();
        for (JsonNode element : elements(member)) {
            found.add(new Document(element, path(member) + "[" + found.size() + "]"));
        }
        return found;
    }

    List<String> texts(String member) throws MalformedDocumentException {
        List<String> found = new ArrayList<>();
        for (JsonNode element : elements(member)) {
            found.add(textOf(element, path(member) + "[" + found.size() + "]"));
        }
        return found;
    }

    Map<String, String> textMap(String member) throws MalformedDocumentException {
        Map<String, String> found = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : mapping(member).properties()) {
            found.put(entry.getKey(), textOf(entry.getValue(), path(member) + "." + entry.getKey()));
        }
        return found;
    }

    /// The keys of a member whose values are empty objects: how these documents write a set.
    Set<String> keys(String member) throws MalformedDocumentException {
        Set<String> found = new LinkedHashSet<>();
        mapping(member).fieldNames().forEachRemaining(found::add);
        return found;
    }

    String path(String member) {
        return name + "." + member;
    }

    static Digest digestOf(String text, String path) throws MalformedDocumentException {
        return Digest.parse(text).orElseThrow(() -> new MalformedDocumentException(path + " is not a digest: " + text));
    }

    private JsonNode elements(String member) throws MalformedDocumentException {
        if (!has(member)) {
            return MAPPER.createArrayNode();
        }
        if (!node.get(member).isArray()) {
            throw new MalformedDocumentException(path(member) + " is not a list");
        }
        return node.get(member);
    }

    private JsonNode mapping(String member) throws MalformedDocumentException {
        if (!has(member)) {
            return MAPPER.createObjectNode();
        }
        if (!node.get(member).isObject()) {
            throw new MalformedDocumentException(path(member) + " is not an object");
        }
        return node.get(member);
    }

    private static String textOf(JsonNode value, String path) throws MalformedDocumentException {
        if (!value.isTextual()) {
            throw new MalformedDocumentException(path + " is not text");
        }
        return value.textValue();
    }
}
