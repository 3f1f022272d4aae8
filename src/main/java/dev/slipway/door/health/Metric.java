package dev.slipway.door.health;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// One measured number as monitors read it.
///
/// @param name as Prometheus wants it: `slipway_<what>_<unit>`, counters end in `_total`
/// @param help one sentence
/// @param labels what tells this number from others of the same name, in the order given
/// @spec https://prometheus.io/docs/instrumenting/exposition_formats/ Prometheus: text-based format
public record Metric(String name, Type type, String help, Map<String, String> labels, double value) {
    /// How the number moves.
    public enum Type {
        /// Only grows while the engine runs.
        COUNTER,
        /// Goes up and down.
        GAUGE
    }

    public static Metric counter(String name, String help, double value) {
        return new Metric(name, Type.COUNTER, help, Map.of(), value);
    }

    public static Metric gauge(String name, String help, double value) {
        return new Metric(name, Type.GAUGE, help, Map.of(), value);
    }

    /// The same number with one label more.
    public Metric with(String label, String labelValue) {
        Map<String, String> more = new LinkedHashMap<>(labels);
        more.put(label, labelValue);
        return new Metric(name, type, help, Collections.unmodifiableMap(more), value);
    }

    /// The same number of another value.
    public Metric at(double other) {
        return new Metric(name, type, help, labels, other);
    }
}
