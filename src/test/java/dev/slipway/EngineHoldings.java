package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What an engine holds for sessions and could forget to let go of, counted.
record EngineHoldings(long descriptors, long threads, long execs, long shims) {
    static EngineHoldings of(EngineProcess engine) {
        return new EngineHoldings(
                entries(Path.of("/proc/%d/fd".formatted(engine.pid()))),
                entries(Path.of("/proc/%d/task".formatted(engine.pid()))),
                entries(engine.run().resolve("execs")),
                Leftovers.count(engine).shims());
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
