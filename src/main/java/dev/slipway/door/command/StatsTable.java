package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Usage of containers in columns. Pure.
///
/// @param names of pods to show; none for all
record StatsTable(boolean namespaced, List<String> names) {
    private static final List<String> COLUMNS =
            List.of("Name", "Container", "CPU", "CPU limit", "Memory", "Memory limit", "Pids");
    private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1 << 20);
    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
    private static final Map<String, BigDecimal> UNITS = Map.ofEntries(
            Map.entry("n", BigDecimal.ONE.movePointLeft(9)),
            Map.entry("u", BigDecimal.ONE.movePointLeft(6)),
            Map.entry("m", BigDecimal.ONE.movePointLeft(3)),
            Map.entry("k", BigDecimal.ONE.movePointRight(3)),
            Map.entry("M", BigDecimal.ONE.movePointRight(6)),
            Map.entry("G", BigDecimal.ONE.movePointRight(9)),
            Map.entry("T", BigDecimal.ONE.movePointRight(12)),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)));

    StatsTable {
        names = List.copyOf(names);
    }

    /// @param metrics a list of `PodMetrics`
    /// @param specs of the pods, by namespace and name
    List<String> lines(JsonNode metrics, Map<String, JsonNode> specs) {
        ObjectNode table = JsonNodeFactory.instance.objectNode();
        COLUMNS.forEach(
                name -> table.withArray("/columnDefinitions").addObject().put("name", name));
        Set<String> missing = new HashSet<>(names);
        for (JsonNode pod : metrics.path("items")) {
            String name = pod.path("metadata").path("name").asText();
            missing.remove(name);
            if (names.isEmpty() || names.contains(name)) {
                JsonNode spec = specs.getOrDefault(StatsCommand.key(pod), MissingNode.getInstance());
                pod.path("containers")
                        .forEach(container -> row(table.withArray("/rows").addObject(), pod, container, spec));
            }
        }
        List<String> lines = new ArrayList<>(new Columns(false, namespaced, "").lines(table));
        missing.stream().sorted().forEach(name -> lines.add(name + " does not run"));
        return lines;
    }

    private static void row(ObjectNode row, JsonNode pod, JsonNode container, JsonNode spec) {
        row.putObject("object")
                .putObject("metadata")
                .put("namespace", pod.path("metadata").path("namespace").asText());
        String name = container.path("name").asText();
        JsonNode usage = container.path("usage");
        JsonNode limits = limits(spec, name);
        row.putArray("cells")
                .add(pod.path("metadata").path("name").asText())
                .add(name)
                .add(millis(usage.path("cpu")))
                .add(limits.has("cpu") ? millis(limits.path("cpu")) : "-")
                .add(mebibytes(usage.path("memory")))
                .add(limits.has("memory") ? mebibytes(limits.path("memory")) : "-")
                .add(usage.path("slipway.dev/pids").asText());
    }

    private static JsonNode limits(JsonNode spec, String name) {
        for (String list : List.of("containers", "initContainers")) {
            for (JsonNode container : spec.path(list)) {
                if (container.path("name").asText().equals(name)) {
                    return container.path("resources").path("limits");
                }
            }
        }
        return MissingNode.getInstance();
    }

    private static String millis(JsonNode quantity) {
        return number(quantity.asText())
                .map(cores ->
                        cores.multiply(THOUSAND).setScale(0, RoundingMode.UP).toPlainString() + "m")
                .orElse("?");
    }

    private static String mebibytes(JsonNode quantity) {
        return number(quantity.asText())
                .map(bytes -> bytes.divide(MEBIBYTE, MathContext.DECIMAL64)
                                .setScale(1, RoundingMode.HALF_UP)
                                .toPlainString()
                        + "Mi")
                .orElse("?");
    }

    /// A quantity of Kubernetes as a number.
    static Optional<BigDecimal> number(String text) {
        int end = text.length();
        while (end > 0 && Character.isLetter(text.charAt(end - 1))) {
            end--;
        }
        BigDecimal unit = end == text.length() ? BigDecimal.ONE : UNITS.get(text.substring(end));
        return unit == null || !text.substring(0, end).matches("[+-]?[0-9]+(\\.[0-9]*)?")
                ? Optional.empty()
                : Optional.of(new BigDecimal(text.substring(0, end)).multiply(unit));
    }
}
