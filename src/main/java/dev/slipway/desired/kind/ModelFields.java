package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.model.Inlines;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.VolumeMountStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The JSON fields of a class of the Kubernetes model or of our own, by reflection, with the types of their values.
/// Thread-safe; what was looked up once is kept.
public final class ModelFields {
    /// @param type of the value; of the items for a list, of the values for a map
    /// @param owner the class that has the field
    /// @param note what the class itself says of it, or empty
    public record Field(String name, JavaType type, Class<?> owner, String note) {
        /// What it means; empty where nobody says.
        public String description() {
            return note.isEmpty() ? Descriptions.of(owner, name) : note;
        }
    }

    /// Kubernetes has it since 1.35, the model of it not yet.
    private static final Field VOLUME_STATUS = new Field(
            "volumeStatus",
            ObjectCodec.json().constructType(JsonNode.class),
            VolumeMountStatus.class,
            "What is mounted: of an image, image.imageRef is its digest.");

    private static final Map<Class<?>, Map<String, Field>> KNOWN = new ConcurrentHashMap<>();
    private static final Map<KindName, Map<String, Field>> KNOWN_KINDS = new ConcurrentHashMap<>();

    private ModelFields() {}

    /// Fields by name, in the order of their names; empty for a class whose JSON is not an object of fixed fields
    /// (quantities, times, maps).
    public static Map<String, Field> of(Class<?> type) {
        Map<String, Field> known = KNOWN.get(type);
        if (known == null) {
            known = Map.copyOf(read(type));
            KNOWN.put(type, known);
        }
        return known;
    }

    /// The fields of whole objects of a kind. Of an own kind, `spec` is described by [Kind#model] and `status` by
    /// [Kind#statusModel].
    public static Map<String, Field> ofObject(Kind kind) {
        Map<String, Field> known = KNOWN_KINDS.get(kind.name());
        if (known == null) {
            known = isOwn(kind) ? ownObject(kind) : of(kind.model());
            KNOWN_KINDS.put(kind.name(), known);
        }
        return known;
    }

    /// Whether a kind is one of Slipway's.
    public static boolean isOwn(Kind kind) {
        return kind.model().getName().startsWith("dev.slipway.");
    }

    private static Map<String, Field> ownObject(Kind kind) {
        Map<String, Field> fields = new TreeMap<>();
        add(fields, "apiVersion", String.class);
        add(fields, "kind", String.class);
        add(fields, "metadata", ObjectMeta.class);
        add(fields, "spec", kind.model());
        add(fields, "status", kind.statusModel());
        return Map.copyOf(fields);
    }

    private static void add(Map<String, Field> fields, String name, Class<?> type) {
        fields.put(name, new Field(name, ObjectCodec.json().constructType(type), Object.class, ""));
    }

    /// Whether values of this type have fixed fields to look at.
    public static boolean isStructured(JavaType type) {
        String name = type.getRawClass().getName();
        return (name.startsWith("io.fabric8.kubernetes.api.model.") || name.startsWith("dev.slipway.desired.model."))
                && !type.isEnumType()
                && !List.of("Quantity", "IntOrString", "MicroTime", "Duration", "AnyType", "RawExtension", "FieldsV1")
                        .contains(type.getRawClass().getSimpleName());
    }

    private static Map<String, Field> read(Class<?> type) {
        DeserializationConfig config = ObjectCodec.json().getDeserializationConfig();
        BeanDescription bean = config.introspect(config.constructType(type));
        Map<String, Field> fields = new TreeMap<>();
        for (BeanPropertyDefinition property : bean.findProperties()) {
            if (property.couldDeserialize() && !property.getName().equals("additionalProperties")) {
                String note = property.getMetadata().getDescription();
                fields.put(
                        property.getName(),
                        new Field(property.getName(), property.getPrimaryType(), type, note == null ? "" : note));
            }
        }
        if (type == VolumeMountStatus.class) {
            fields.put("volumeStatus", VOLUME_STATUS);
        }
        for (Inlines inlines : type.getAnnotationsByType(Inlines.class)) {
            inline(fields, inlines);
        }
        return fields;
    }

    private static void inline(Map<String, Field> fields, Inlines inlines) {
        List<String> only = Arrays.asList(inlines.only());
        List<String> without = Arrays.asList(inlines.without());
        of(inlines.value()).forEach((name, field) -> {
            if ((only.isEmpty() || only.contains(name)) && !without.contains(name)) {
                fields.putIfAbsent(name, field);
            }
        });
    }
}
