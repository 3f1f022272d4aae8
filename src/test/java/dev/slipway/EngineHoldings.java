package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// What an engine holds for sessions and could forget to let go of, counted.
record EngineHoldings(long descriptors, long threads, long execs, long shims) {
    private static final Duration REST = Duration.ofMillis(500);

    static EngineHoldings of(EngineProcess engine) {
        return new EngineHoldings(
                entries(Path.of("/proc/%d/fd".formatted(engine.pid()))),
                entries(Path.of("/proc/%d/task".formatted(engine.pid()))),
                entries(engine.run().resolve("execs")),
                Leftovers.count(engine).shims());
    }

    /// What it holds once it has made ready what it makes ahead for the next container.
    static EngineHoldings settled(EngineProcess engine) {
        EngineHoldings[] last = {of(engine)};
        engine.await("the engine to come to rest", () -> {
            LockSupport.parkNanos(REST.toNanos());
            EngineHoldings before = last[0];
            last[0] = of(engine);
            return last[0].equals(before);
        });
        return last[0];
    }

    boolean isAtMost(EngineHoldings other) {
        return descriptors <= other.descriptors
                && threads <= other.threads
                && execs <= other.execs
                && shims <= other.shims;
    }

    private static long entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
