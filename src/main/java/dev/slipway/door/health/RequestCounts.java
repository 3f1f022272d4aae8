package dev.slipway.door.health;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// How many requests were answered, by method and code, and how many streams are open. Thread-safe.
public final class RequestCounts implements MetricSource {
    private final Map<String, LongAdder> answered = new ConcurrentSkipListMap<>();
    private final AtomicInteger streams = new AtomicInteger();

    public void answered(String method, int code) {
        answered.computeIfAbsent(method + " " + code, key -> new LongAdder()).increment();
    }

    /// Counts one open stream while `sending` runs.
    public void streaming(Sending sending) throws InterruptedException {
        streams.incrementAndGet();
        try {
            sending.run();
        } finally {
            streams.decrementAndGet();
        }
    }

    /// Sends a streamed answer and returns when it is over.
    @FunctionalInterface
    public interface Sending {
        void run() throws InterruptedException;
    }

    @Override
    public List<Metric> metrics() {
        List<Metric> metrics = new ArrayList<>();
        answered.forEach((key, count) -> {
            String[] words = key.split(" ");
            metrics.add(Metric.counter("slipway_api_requests_total", "Answered API requests.", count.sum())
                    .with("method", words[0])
                    .with("code", words[1]));
        });
        metrics.add(Metric.gauge("slipway_api_streams", "Open watches, followed logs and sessions.", streams.get()));
        return metrics;
    }
}
