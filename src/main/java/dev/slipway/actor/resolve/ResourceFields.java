package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/// Limits and requests of a container that containers may read. A limit that is not set is what the host has.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-resourceFieldRef
///     Kubernetes: resourceFieldRef
final class ResourceFields {
    private ResourceFields() {}

    /// @param reference a `resourceFieldRef`
    /// @param container whose field it is unless the reference names another one
    static String value(PodScope scope, JsonNode reference, JsonNode container) throws MissingReferenceException {
        String resource = reference.path("resource").asText();
        JsonNode owner = owner(scope, reference.path("containerName").asText(), container);
        int dot = resource.indexOf('.');
        String name = resource.substring(dot + 1);
        JsonNode limits = owner.path("resources").path("limits");
        JsonNode list = resource.startsWith("limits.")
                ? limits
                : owner.path("resources").path("requests");
        BigDecimal amount = Amounts.exact(list.path(name))
                .orElse(resource.startsWith("limits.") ? ofHost(scope.host(), name) : BigDecimal.ZERO);
        BigDecimal divisor = Amounts.exact(reference.path("divisor"))
                .filter(number -> number.signum() > 0)
                .orElse(BigDecimal.ONE);
        return Long.toString(Amounts.divided(amount, divisor));
    }

    private static JsonNode owner(PodScope scope, String name, JsonNode container) throws MissingReferenceException {
        if (name.isEmpty()) {
            return container;
        }
        for (String list : new String[] {"containers", "initContainers"}) {
            for (JsonNode each : scope.spec().path(list)) {
                if (each.path("name").asText().equals(name)) {
                    return each;
                }
            }
        }
        throw new MissingReferenceException("container %s not found".formatted(name));
    }

    private static BigDecimal ofHost(Host host, String name) {
        return switch (name) {
            case "cpu" -> BigDecimal.valueOf(host.cpuMillis(), 3);
            case "memory" -> BigDecimal.valueOf(host.memoryBytes());
            case "ephemeral-storage" -> BigDecimal.valueOf(host.storageBytes());
            default -> BigDecimal.ZERO;
        };
    }
}
