package dev.slipway.actor.resolve;

import dev.slipway.desired.meta.ApiObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
        Optional<ApiObject> found = scope.find(PodScope.CONFIG_MAPS, name);
        if (found.isEmpty() && !optional) {
            throw new MissingReferenceException("configmap \"%s\" not found".formatted(name));
        }
        return found.map(object -> {
            Map<String, byte[]> entries = new TreeMap<>();
            object.tree()
                    .path("data")
                    .properties()
                    .forEach(entry -> entries.put(
                            entry.getKey(), entry.getValue().asText().getBytes(StandardCharsets.UTF_8)));
            object.tree()
                    .path("binaryData")
                    .properties()
                    .forEach(entry -> entries.put(
                            entry.getKey(),
                            Base64.getDecoder().decode(entry.getValue().asText())));
            return new ConfigSource("ConfigMap", object.namespace(), name, entries);
        });
    }

    /// @return empty when it is not there and may be missing
    static Optional<ConfigSource> secret(PodScope scope, String name, boolean optional)
            throws MissingReferenceException {
        Optional<ApiObject> found = scope.find(PodScope.SECRETS, name);
        if (found.isEmpty() && !optional) {
            throw new MissingReferenceException("secret \"%s\" not found".formatted(name));
        }
        return found.map(object -> {
            Map<String, byte[]> entries = new TreeMap<>();
            object.tree()
                    .path("data")
                    .properties()
                    .forEach(entry -> entries.put(
                            entry.getKey(),
                            Base64.getDecoder().decode(entry.getValue().asText())));
            return new ConfigSource("Secret", object.namespace(), name, entries);
        });
    }

    /// The value as text; bytes that are no UTF-8 come out as replacement characters, as everywhere in JSON.
    Optional<String> text(String key) {
        byte[] value = entries.get(key);
        return value == null ? Optional.empty() : Optional.of(new String(value, StandardCharsets.UTF_8));
    }
}
