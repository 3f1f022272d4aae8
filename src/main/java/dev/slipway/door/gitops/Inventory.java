package dev.slipway.door.gitops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a source has applied: each object, and the file that declared it last.
record Inventory(SortedMap<ObjectKey, String> files) {
    static final Inventory EMPTY = new Inventory(new TreeMap<>());

    Inventory {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    static Inventory of(Map<ObjectKey, String> files) {
        return new Inventory(new TreeMap<>(files));
    }

    /// Reads `status.inventory`.
    static Inventory read(JsonNode entries) {
        SortedMap<ObjectKey, String> files = new TreeMap<>();
        for (JsonNode entry : entries) {
            GroupResource resource = new GroupResource(
                    entry.path("group").asText(), entry.path("resource").asText());
            files.put(
                    new ObjectKey(
                            resource,
                            entry.path("namespace").asText(),
                            entry.path("name").asText()),
                    entry.path("file").asText());
        }
        return new Inventory(files);
    }

    /// As `status.inventory` holds it.
    ArrayNode write() {
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        files.forEach((key, file) -> {
            ObjectNode entry = entries.addObject();
            entry.put("group", key.resource().group())
                    .put("resource", key.resource().plural());
            entry.put("namespace", key.namespace()).put("name", key.name()).put("file", file);
        });
        return entries;
    }

    boolean holds(ObjectKey key) {
        return files.containsKey(key);
    }

    /// This inventory with what is about to be applied.
    Inventory with(Map<ObjectKey, String> declared) {
        SortedMap<ObjectKey, String> all = new TreeMap<>(files);
        all.putAll(declared);
        return new Inventory(all);
    }

    Inventory without(ObjectKey key) {
        SortedMap<ObjectKey, String> rest = new TreeMap<>(files);
        rest.remove(key);
        return new Inventory(rest);
    }
}
