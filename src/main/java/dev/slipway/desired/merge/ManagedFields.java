package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Who wrote which fields of an object: `metadata.managedFields`. Immutable.
///
/// @spec https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management Kubernetes: Field
///     management
public record ManagedFields(List<Entry> entries) {
    static final String FIELD = "managedFields";

    public ManagedFields {
        entries = List.copyOf(entries);
    }

    /// How a manager wrote.
    public enum Operation {
        APPLY("Apply"),
        UPDATE("Update");

        private final String text;

        Operation(String text) {
            this.text = text;
        }
    }

    /// @param subresource empty for the object itself
    public record Writer(String manager, Operation operation, String apiVersion, String subresource) {
        boolean isSameAs(Writer other) {
            return manager.equals(other.manager)
                    && operation == other.operation
                    && subresource.equals(other.subresource);
        }
    }

    public record Entry(Writer writer, Instant time, FieldSet fields) {}

    /// Those of an object; entries that cannot be read are dropped, as clients who reset the list count on.
    public static ManagedFields of(JsonNode object) {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode node : object.path("metadata").path(FIELD)) {
            Operation operation = node.path("operation").asText().equals("Apply") ? Operation.APPLY : Operation.UPDATE;
            Writer writer = new Writer(
                    node.path("manager").asText(),
                    operation,
                    node.path("apiVersion").asText(),
                    node.path("subresource").asText());
            if (!writer.manager().isEmpty() && node.path("fieldsV1").isObject()) {
                entries.add(new Entry(writer, time(node), FieldSet.ofFieldsV1(node.path("fieldsV1"))));
            }
        }
        return new ManagedFields(entries);
    }

    private static Instant time(JsonNode node) {
        try {
            return Instant.parse(node.path("time").asText());
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }

    /// Writes them into `object`.
    public void into(ObjectNode object) {
        ObjectNode metadata = object.withObject("/metadata");
        metadata.remove(FIELD);
        ArrayNode list = metadata.arrayNode();
        for (Entry entry : entries) {
            if (!entry.fields().isEmpty()) {
                list.add(node(entry, metadata.objectNode()));
            }
        }
        if (!list.isEmpty()) {
            metadata.set(FIELD, list);
        }
    }

    /// The fields of one writer.
    FieldSet of(Writer writer) {
        return entries.stream()
                .filter(entry -> entry.writer().isSameAs(writer))
                .map(Entry::fields)
                .reduce(FieldSet.EMPTY, FieldSet::union);
    }

    /// The fields of all writers but one.
    FieldSet ofOthers(Writer writer) {
        return entries.stream()
                .filter(entry -> !entry.writer().isSameAs(writer))
                .map(Entry::fields)
                .reduce(FieldSet.EMPTY, FieldSet::union);
    }

    /// With `fields` as all that `writer` has. An entry that says the same already keeps its time.
    ManagedFields with(Writer writer, FieldSet fields, Instant now) {
        List<Entry> changed = new ArrayList<>();
        boolean found = false;
        for (Entry entry : entries) {
            if (!entry.writer().isSameAs(writer)) {
                changed.add(entry);
            } else if (!found) {
                found = true;
                boolean same = entry.fields().equals(fields);
                changed.add(new Entry(writer, same ? entry.time() : seconds(now), fields));
            }
        }
        if (!found) {
            changed.add(new Entry(writer, seconds(now), fields));
        }
        return new ManagedFields(changed);
    }

    /// With `gone` taken from everybody but `writer`.
    ManagedFields takenFromOthers(Writer writer, FieldSet gone) {
        return new ManagedFields(entries.stream()
                .map(entry -> entry.writer().isSameAs(writer)
                        ? entry
                        : new Entry(entry.writer(), entry.time(), entry.fields().minus(gone)))
                .toList());
    }

    /// With `gone`, and everything below, taken from everybody.
    ManagedFields without(FieldSet gone) {
        return new ManagedFields(entries.stream()
                .map(entry ->
                        new Entry(entry.writer(), entry.time(), entry.fields().minusBelow(gone)))
                .toList());
    }

    private static Instant seconds(Instant now) {
        return now.truncatedTo(ChronoUnit.SECONDS);
    }

    private static ObjectNode node(Entry entry, ObjectNode node) {
        Writer writer = entry.writer();
        node.put("manager", writer.manager());
        node.put("operation", writer.operation().text);
        node.put("apiVersion", writer.apiVersion());
        node.put("time", entry.time().toString());
        node.put("fieldsType", "FieldsV1");
        node.set("fieldsV1", entry.fields().toFieldsV1());
        if (!writer.subresource().isEmpty()) {
            node.put("subresource", writer.subresource());
        }
        return node;
    }
}
