package dev.slipway;

import java.util.Arrays;
import java.util.Locale;

/// Measured times of one thing, in milliseconds.
record Samples(String what, double[] millis) {
    double median() {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    double minimum() {
        return Arrays.stream(millis).min().orElse(Double.NaN);
    }

    /// One line of a table; the ratio is that of the medians, `other` over this.
    String line(Samples other) {
        return String.format(
                Locale.ROOT, "%-58s %9.1f %9.1f   %6.2fx", what, median(), minimum(), other.median() / median());
    }

    static String header(String title) {
        return String.format(Locale.ROOT, "%n%-58s %9s %9s   %s", title, "median ms", "min ms", "first row / this");
    }
}
