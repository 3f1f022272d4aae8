package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.Set;

/// What the JSON of a value looks like, by the Java type that describes it.
public enum Shape {
    STRING("string"),
    INTEGER("int32"),
    LONG("int64"),
    NUMBER("number"),
    BOOLEAN("bool"),
    /// A number with a unit, as text; a plain number is fine too.
    QUANTITY("quantity"),
    INT_OR_STRING("int or string"),
    LIST("list"),
    /// An object with any keys and one type of value.
    MAP("map"),
    /// An object with the fields of a class.
    OBJECT("object"),
    /// Any JSON.
    ANY("any");

    private static final Set<Class<?>> TEXTS =
            Set.of(String.class, char.class, Character.class, MicroTime.class, Instant.class);

    private final String words;

    Shape(String words) {
        this.words = words;
    }

    public static Shape of(JavaType type) {
        Class<?> raw = type.getRawClass();
        if (TEXTS.contains(raw) || type.isEnumType()) {
            return STRING;
        }
        if (raw == Integer.class || raw == int.class) {
            return INTEGER;
        }
        if (raw == Long.class || raw == long.class) {
            return LONG;
        }
        if (raw == Boolean.class || raw == boolean.class) {
            return BOOLEAN;
        }
        if (raw == Quantity.class) {
            return QUANTITY;
        }
        if (raw == IntOrString.class) {
            return INT_OR_STRING;
        }
        if (type.isCollectionLikeType()) {
            return LIST;
        }
        if (type.isMapLikeType()) {
            return MAP;
        }
        if (Number.class.isAssignableFrom(raw) || raw == double.class || raw == float.class) {
            return NUMBER;
        }
        return ModelFields.isStructured(type) ? OBJECT : ANY;
    }

    /// Whether `value`, which is not null, looks like this.
    boolean fits(JsonNode value) {
        return switch (this) {
            case STRING -> value.isTextual();
            case INTEGER -> value.isIntegralNumber() && value.canConvertToInt();
            case LONG -> value.isIntegralNumber() && value.canConvertToLong();
            case NUMBER -> value.isNumber();
            case BOOLEAN -> value.isBoolean();
            case QUANTITY -> value.isTextual() || value.isNumber();
            case INT_OR_STRING -> value.isTextual() || value.isIntegralNumber() && value.canConvertToInt();
            case LIST -> value.isArray();
            case MAP, OBJECT -> value.isObject();
            case ANY -> true;
        };
    }

    /// As error messages name it.
    @Override
    public String toString() {
        return words;
    }
}
