package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The environment variables of one container: those of `envFrom` in order, then those of `env`, which replace
/// them and may use the ones before.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ Kubernetes: Pod,
///     Environment variables
final class Environment {
    private Environment() {}

    static Map<String, String> of(PodScope scope, JsonNode container) throws MissingReferenceException {
        Map<String, String> variables = new LinkedHashMap<>();
        for (JsonNode source : container.path("envFrom")) {
            addAll(scope, source, variables);
        }
        for (JsonNode variable : container.path("env")) {
            String name = variable.path("name").asText();
            JsonNode from = variable.path("valueFrom");
            if (from.isMissingNode() || from.isNull()) {
                variables.put(name, Expansion.expand(variable.path("value").asText(), variables));
            } else {
                Optional<String> value = value(scope, from, container);
                value.ifPresent(text -> variables.put(name, text));
            }
        }
        return variables;
    }

    private static void addAll(PodScope scope, JsonNode source, Map<String, String> variables)
            throws MissingReferenceException {
        String prefix = source.path("prefix").asText();
        JsonNode map = source.path("configMapRef");
        JsonNode secret = source.path("secretRef");
        Optional<ConfigSource> found = map.isObject()
                ? ConfigSource.configMap(scope, name(map), isOptional(map))
                : ConfigSource.secret(scope, name(secret), isOptional(secret));
        found.ifPresent(config -> config.entries()
                .keySet()
                .forEach(key -> variables.put(prefix + key, config.text(key).orElse(""))));
    }

    /// @return empty when what it refers to is missing and may be
    private static Optional<String> value(PodScope scope, JsonNode from, JsonNode container)
            throws MissingReferenceException {
        if (from.has("fieldRef")) {
            return Optional.of(PodFields.value(
                    scope, from.path("fieldRef").path("fieldPath").asText()));
        }
        if (from.has("resourceFieldRef")) {
            return Optional.of(ResourceFields.value(scope, from.path("resourceFieldRef"), container));
        }
        JsonNode map = from.path("configMapKeyRef");
        JsonNode secret = from.path("secretKeyRef");
        return map.isObject()
                ? key(ConfigSource.configMap(scope, name(map), isOptional(map)), map)
                : key(ConfigSource.secret(scope, name(secret), isOptional(secret)), secret);
    }

    private static Optional<String> key(Optional<ConfigSource> source, JsonNode reference)
            throws MissingReferenceException {
        if (source.isEmpty()) {
            return Optional.empty();
        }
        String key = reference.path("key").asText();
        Optional<String> value = source.get().text(key);
        if (value.isEmpty() && !isOptional(reference)) {
            throw new MissingReferenceException("couldn't find key %s in %s %s/%s"
                    .formatted(
                            key,
                            source.get().label(),
                            source.get().namespace(),
                            source.get().name()));
        }
        return value;
    }

    private static String name(JsonNode reference) {
        return reference.path("name").asText();
    }

    private static boolean isOptional(JsonNode reference) {
        return reference.path("optional").asBoolean();
    }
}
