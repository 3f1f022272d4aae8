package dev.slipway.actor.resolve;

import dev.slipway.desired.meta.ApiObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A ConfigMap or a Secret, read as bytes by key.
///
/// @param label as Kubernetes names the kind in messages: `ConfigMap` or `Secret`
record ConfigSource(String label, String namespace, String name, Map<String, byte[]> entries) {
    /// @return empty when it is not there and may be missing
    static Optional<ConfigSource> configMap(PodScope scope, String name, boolean optional)
            throws MissingReferenceException {
        return read(scope.find(PodScope.CONFIG_MAPS, name), "ConfigMap", name, optional);
    }

    /// @return empty when it is not there and may be missing
    static Optional<ConfigSource> secret(PodScope scope, String name, boolean optional)
            throws MissingReferenceException {
        return read(scope.find(PodScope.SECRETS, name), "Secret", name, optional);
    }

    private static Optional<ConfigSource> read(Optional<ApiObject> found, String label, String name, boolean optional)
            throws MissingReferenceException {
        if (found.isEmpty() && !optional) {
            throw new MissingReferenceException("%s \"%s\" not found".formatted(label.toLowerCase(Locale.ROOT), name));
        }
        return found.map(object -> new ConfigSource(label, object.namespace(), name, entries(object, label)));
    }

    /// `data` is text in a ConfigMap and Base64 in a Secret; `binaryData`, which only ConfigMaps have, is Base64.
    private static Map<String, byte[]> entries(ApiObject object, String label) {
        Map<String, byte[]> entries = new TreeMap<>();
        object.tree().path("data").properties().forEach(entry -> {
            String value = entry.getValue().asText();
            boolean isText = label.equals("ConfigMap");
            entries.put(
                    entry.getKey(),
                    isText
                            ? value.getBytes(StandardCharsets.UTF_8)
                            : Base64.getDecoder().decode(value));
        });
        object.tree()
                .path("binaryData")
                .properties()
                .forEach(entry -> entries.put(
                        entry.getKey(),
                        Base64.getDecoder().decode(entry.getValue().asText())));
        return entries;
    }

    /// The value as text; bytes that are no UTF-8 come out as replacement characters, as everywhere in JSON.
    Optional<String> text(String key) {
        byte[] value = entries.get(key);
        return value == null ? Optional.empty() : Optional.of(new String(value, StandardCharsets.UTF_8));
    }
}
