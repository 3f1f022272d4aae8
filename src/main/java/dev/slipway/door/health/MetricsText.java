package dev.slipway.door.health;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes metrics as Prometheus reads them: all numbers of one name together, under one help and type.
///
/// @spec https://prometheus.io/docs/instrumenting/exposition_formats/ Prometheus: text-based format
public final class MetricsText {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private MetricsText() {}

    public static String of(List<Metric> metrics) {
        Map<String, List<Metric>> families =
                metrics.stream().collect(Collectors.groupingBy(Metric::name, LinkedHashMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder();
        families.forEach((name, family) -> {
            Metric first = family.getFirst();
            text.append("# HELP %s %s\n".formatted(name, first.help()));
            text.append("# TYPE %s %s\n".formatted(name, first.type().name().toLowerCase(Locale.ROOT)));
            family.forEach(metric -> text.append(name + labels(metric.labels()) + " " + number(metric.value()) + "\n"));
        });
        return text.toString();
    }

    private static String labels(Map<String, String> labels) {
        if (labels.isEmpty()) {
            return "";
        }
        return labels.entrySet().stream()
                .map(label -> label.getKey() + "=\"" + escaped(label.getValue()) + "\"")
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
