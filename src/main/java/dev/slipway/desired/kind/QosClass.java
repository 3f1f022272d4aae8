package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How well a pod is kept when the host runs short of memory.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ Kubernetes: Pod Quality of Service Classes
public enum QosClass {
    /// Every container has equal limits and requests for cpu and memory.
    GUARANTEED("Guaranteed"),
    /// Some container asks for something.
    BURSTABLE("Burstable"),
    /// No container asks for anything.
    BEST_EFFORT("BestEffort");

    private static final List<String> RESOURCES = List.of("cpu", "memory");

    private final String text;

    QosClass(String text) {
        this.text = text;
    }

    public static QosClass of(JsonNode podSpec) {
        List<JsonNode> containers = new ArrayList<>();
        podSpec.path("initContainers").forEach(containers::add);
        podSpec.path("containers").forEach(containers::add);
        boolean asks = containers.stream().anyMatch(QosClass::asks);
        if (!asks) {
            return BEST_EFFORT;
        }
        return containers.stream().allMatch(QosClass::isEven) ? GUARANTEED : BURSTABLE;
    }

    private static boolean asks(JsonNode container) {
        return RESOURCES.stream().anyMatch(name -> amount(container, "requests", name)
                .or(() -> amount(container, "limits", name))
                .isPresent());
    }

    private static boolean isEven(JsonNode container) {
        return RESOURCES.stream().allMatch(name -> {
            Optional<BigDecimal> limit = amount(container, "limits", name);
            Optional<BigDecimal> request = amount(container, "requests", name).or(() -> limit);
            return limit.isPresent() && request.orElseThrow().compareTo(limit.get()) == 0;
        });
    }

    private static Optional<BigDecimal> amount(JsonNode container, String list, String name) {
        JsonNode quantity = container.path("resources").path(list).path(name);
        return quantity.isMissingNode() || quantity.isNull()
                ? Optional.empty()
                : Quantities.parse(quantity.asText()).filter(number -> number.signum() > 0);
    }

    /// As in `status.qosClass`.
    @Override
    public String toString() {
        return text;
    }
}
