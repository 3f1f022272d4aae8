package dev.slipway.door.usage;

import dev.slipway.door.usage.UsageSource.Total;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Makes rates of totals. What was read for one question begins the window of the next, as long as that comes soon.
///
/// ```
/// question   read ---- wait half a second ---- read, answer
/// question, a second later                               read, answer
/// question, an hour later    read ---- wait half a second ---- read, answer
/// ```
///
/// Thread-safe: it keeps a concurrent map of values.
public final class UsageMeter {
    private static final Duration SHORTEST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final LongSupplier nanos;
    private final Pause pause;
    private final Map<String, Reading> earlier = new ConcurrentHashMap<>();

    /// @param nanos a clock that only goes forward, from anywhere
    /// @param pause waits
    public UsageMeter(LongSupplier nanos, Pause pause) {
        this.nanos = nanos;
        this.pause = pause;
    }

    /// Waits that long.
    @FunctionalInterface
    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /// Reads one total; empty while there is none.
    @FunctionalInterface
    public interface Gauge {
        Optional<Total> read() throws IOException;
    }

    /// @param nanocores thousand millionths of a core, on average over the window
    public record Rate(Duration window, long nanocores, long memoryBytes, long pids) {}

    private record Reading(long nanos, Total total) {}

    /// Asks all gauges; one that cannot be read twice has no rate.
    ///
    /// @param gauges by names that mean the same run of the same thing at each question
    public Map<String, Rate> measure(Map<String, Gauge> gauges) throws IOException, InterruptedException {
        forget();
        Map<String, Reading> begins = new HashMap<>();
        Duration missing = Duration.ZERO;
        for (Map.Entry<String, Gauge> gauge : gauges.entrySet()) {
            @Nullable Reading begin = earlier.get(gauge.getKey());
            begin = begin == null ? read(gauge.getValue()) : begin;
            if (begin != null) {
                begins.put(gauge.getKey(), begin);
                Duration rest = SHORTEST.minus(age(begin));
                missing = rest.compareTo(missing) > 0 ? rest : missing;
            }
        }
        if (!missing.isZero()) {
            pause.of(missing);
        }
        Map<String, Rate> rates = new HashMap<>();
        for (Map.Entry<String, Reading> begin : begins.entrySet()) {
            @Nullable Reading end = read(gauges.get(begin.getKey()));
            if (end != null) {
                rate(begin.getValue(), end).ifPresent(rate -> rates.put(begin.getKey(), rate));
                earlier.put(begin.getKey(), end);
            }
        }
        return rates;
    }

    private @Nullable Reading read(@Nullable Gauge gauge) throws IOException {
        Optional<Total> total = gauge == null ? Optional.empty() : gauge.read();
        return total.isEmpty() ? null : new Reading(nanos.getAsLong(), total.get());
    }

    /// None if it began anew in between.
    private static Optional<Rate> rate(Reading begin, Reading end) {
        long window = end.nanos() - begin.nanos();
        Duration used = end.total().cpu().minus(begin.total().cpu());
        if (window <= 0 || used.isNegative()) {
            return Optional.empty();
        }
        long nanocores =
                Math.round((double) used.toNanos() * Duration.ofSeconds(1).toNanos() / window);
        return Optional.of(new Rate(
                Duration.ofNanos(window),
                nanocores,
                end.total().memoryBytes(),
                end.total().pids()));
    }

    private void forget() {
        earlier.values().removeIf(reading -> age(reading).compareTo(LONGEST) > 0);
    }

    private Duration age(Reading reading) {
        return Duration.ofNanos(nanos.getAsLong() - reading.nanos());
    }
}
