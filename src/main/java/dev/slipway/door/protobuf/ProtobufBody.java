package dev.slipway.door.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;

/// Turns a body of type `application/vnd.kubernetes.protobuf` into the JSON tree that the same client would have
/// sent as JSON. Thread-safe.
///
/// The envelope is four magic bytes and a message `Unknown` with `apiVersion`, `kind` and the object's own bytes.
/// Kubernetes' Go types write every field that is not a pointer, also when it is zero; JSON leaves those out, so a
/// zero of a plain field is dropped and one of a pointer field is kept.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding Kubernetes: Protobuf encoding
public final class ProtobufBody {
    /// The media type of such bodies.
    public static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final int DEEPEST = 64;
    private static final Set<String> SCALARS = Set.of("string", "bytes");
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final MessageTable table = new MessageTable();

    /// Reads a whole body.
    public ObjectNode decode(byte[] body) throws MalformedProtobufException {
        if (body.length < MAGIC.length || !Arrays.equals(body, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new MalformedProtobufException("the body does not begin with the magic number 6b 38 73 00");
        }
        Envelope envelope = Envelope.read(new WireReader(Arrays.copyOfRange(body, MAGIC.length, body.length)));
        String message = table.messageOf(envelope.apiVersion(), envelope.kind())
                .orElseThrow(() -> new MalformedProtobufException("no protobuf message is known for "
                        + envelope.apiVersion() + " " + envelope.kind() + "; send it as JSON"));
        ObjectNode object = JSON.objectNode();
        object.put("apiVersion", envelope.apiVersion());
        object.put("kind", envelope.kind());
        readInto(object, new WireReader(envelope.raw()), message, 0);
        return object;
    }

    private record Envelope(String apiVersion, String kind, byte[] raw) {
        static Envelope read(WireReader reader) throws MalformedProtobufException {
            String apiVersion = "";
            String kind = "";
            byte[] raw = {};
            while (reader.next()) {
                switch (reader.field()) {
                    case 1 -> {
                        WireReader type = reader.message();
                        while (type.next()) {
                            switch (type.field()) {
                                case 1 -> apiVersion = type.string();
                                case 2 -> kind = type.string();
                                default -> type.skip();
                            }
                        }
                    }
                    case 2 -> raw = reader.bytes();
                    default -> reader.skip();
                }
            }
            return new Envelope(apiVersion, kind, raw);
        }
    }

    private void readInto(ObjectNode object, WireReader reader, String message, int depth)
            throws MalformedProtobufException {
        if (depth > DEEPEST) {
            throw new MalformedProtobufException("messages are nested deeper than " + DEEPEST);
        }
        Map<Integer, MessageField> fields = table.fields(message);
        while (reader.next()) {
            MessageField field = fields.get(reader.field());
            if (field == null) {
                reader.skip();
            } else if (field.name().isEmpty()) {
                readInto(object, reader.message(), field.type(), depth + 1);
            } else {
                readField(object, reader, field, depth);
            }
        }
    }

    private void readField(ObjectNode object, WireReader reader, MessageField field, int depth)
            throws MalformedProtobufException {
        switch (field.shape()) {
            case LIST -> object.withArrayProperty(field.name()).add(value(reader, field.type(), depth));
            case MAP -> readEntry(object.withObjectProperty(field.name()), reader.message(), field.type(), depth);
            case POINTER -> put(object, field, value(reader, field.type(), depth));
            case PLAIN -> {
                JsonNode value = value(reader, field.type(), depth);
                if (!isZero(value)) {
                    put(object, field, value);
                }
            }
        }
    }

    private static void put(ObjectNode object, MessageField field, JsonNode value) {
        if (!value.isNull()) {
            object.set(field.name(), value);
        }
    }

    private void readEntry(ObjectNode map, WireReader entry, String type, int depth) throws MalformedProtobufException {
        String key = "";
        JsonNode value =
                SCALARS.contains(type) || SpecialMessage.isSpecial(type) ? TextNode.valueOf("") : JSON.objectNode();
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> key = entry.string();
                case 2 -> value = value(entry, type, depth);
                default -> entry.skip();
            }
        }
        map.set(key, value);
    }

    private JsonNode value(WireReader reader, String type, int depth) throws MalformedProtobufException {
        return switch (type) {
            case "string" -> TextNode.valueOf(reader.string());
            case "bytes" -> TextNode.valueOf(Base64.getEncoder().encodeToString(reader.bytes()));
            case "bool" -> BooleanNode.valueOf(reader.varint() != 0);
            case "int" -> SpecialMessage.number(reader.varint());
            case "float" -> DoubleNode.valueOf(reader.float64());
            default -> {
                WireReader message = reader.message();
                if (SpecialMessage.isSpecial(type)) {
                    yield SpecialMessage.read(message, type);
                }
                ObjectNode object = JSON.objectNode();
                readInto(object, message, type, depth + 1);
                yield object;
            }
        };
    }

    private static boolean isZero(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> value.textValue().isEmpty();
            case BOOLEAN -> !value.booleanValue();
            case NUMBER -> value.doubleValue() == 0;
            case OBJECT, ARRAY -> value.isEmpty();
            default -> value.isNull();
        };
    }
}
