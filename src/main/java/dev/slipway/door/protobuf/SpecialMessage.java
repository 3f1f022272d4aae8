package dev.slipway.door.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;

/// The messages that are one value in JSON: times, quantities, numbers or names, and JSON itself.
final class SpecialMessage {
    private static final Set<String> NAMES = Set.of(
            "meta.v1.Time",
            "meta.v1.MicroTime",
            "meta.v1.Duration",
            "meta.v1.FieldsV1",
            "resource.Quantity",
            "intstr.IntOrString",
            "runtime.RawExtension",
            "strings");
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private SpecialMessage() {}

    static boolean isSpecial(String type) {
        return NAMES.contains(type);
    }

    /// The value, or null where the message says that there is none.
    static JsonNode read(WireReader reader, String type) throws MalformedProtobufException {
        return switch (type) {
            case "meta.v1.Time" -> time(reader, SECONDS);
            case "meta.v1.MicroTime" -> time(reader, MICROS);
            case "meta.v1.Duration" -> duration(reader);
            case "resource.Quantity" -> TextNode.valueOf(string(reader));
            case "intstr.IntOrString" -> intOrString(reader);
            case "strings" -> strings(reader);
            default -> json(reader);
        };
    }

    private static JsonNode time(WireReader reader, DateTimeFormatter format) throws MalformedProtobufException {
        long seconds = 0;
        long nanos = 0;
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> seconds = reader.varint();
                case 2 -> nanos = reader.varint();
                default -> reader.skip();
            }
        }
        if (seconds == 0 && nanos == 0) {
            return NullNode.instance;
        }
        try {
            return TextNode.valueOf(format.format(Instant.ofEpochSecond(seconds, nanos)));
        } catch (DateTimeException | ArithmeticException e) {
            throw new MalformedProtobufException("time " + seconds + " s is out of range");
        }
    }

    /// A duration in Go's own form, for instance `1.5s`.
    private static JsonNode duration(WireReader reader) throws MalformedProtobufException {
        long nanos = 0;
        while (reader.next()) {
            if (reader.field() == 1) {
                nanos = reader.varint();
            } else {
                reader.skip();
            }
        }
        Duration duration = Duration.ofNanos(nanos);
        String fraction = duration.toNanosPart() == 0
                ? ""
                : "." + "%09d".formatted(Math.abs(duration.toNanosPart())).replaceAll("0+$", "");
        return TextNode.valueOf(duration.toSeconds() + fraction + "s");
    }

    private static JsonNode intOrString(WireReader reader) throws MalformedProtobufException {
        boolean isString = false;
        long number = 0;
        String text = "";
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> isString = reader.varint() == 1;
                case 2 -> number = reader.varint();
                case 3 -> text = reader.string();
                default -> reader.skip();
            }
        }
        return isString ? TextNode.valueOf(text) : number(number);
    }

    private static JsonNode json(WireReader reader) throws MalformedProtobufException {
        byte[] raw = {};
        while (reader.next()) {
            if (reader.field() == 1) {
                raw = reader.bytes();
            } else {
                reader.skip();
            }
        }
        if (raw.length == 0) {
            return NullNode.instance;
        }
        try {
            return ObjectCodec.json().readTree(raw);
        } catch (IOException e) {
            throw new MalformedProtobufException("embedded JSON: " + e.getMessage());
        }
    }

    /// The node that the JSON reader makes of this number; else equal documents would not be equal trees.
    static JsonNode number(long number) {
        return number == (int) number
                ? JsonNodeFactory.instance.numberNode((int) number)
                : JsonNodeFactory.instance.numberNode(number);
    }

    private static JsonNode strings(WireReader reader) throws MalformedProtobufException {
        ArrayNode strings = JsonNodeFactory.instance.arrayNode();
        while (reader.next()) {
            if (reader.field() == 1) {
                strings.add(reader.string());
            } else {
                reader.skip();
            }
        }
        return strings;
    }

    private static String string(WireReader reader) throws MalformedProtobufException {
        String text = "";
        while (reader.next()) {
            if (reader.field() == 1) {
                text = reader.string();
            } else {
                reader.skip();
            }
        }
        return text;
    }
}
