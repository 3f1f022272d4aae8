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
                descriptors(engine.pid()),
                threads(engine.pid()),
                entries(engine.run().resolve("execs")),
                Leftovers.shims(engine));
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

    /// Without those by which the carriers of virtual threads wait: they come with the carriers, and those with
    /// work.
    private static long descriptors(long pid) {
        try (Stream<Path> all = Files.list(Path.of("/proc/%d/fd".formatted(pid)))) {
            return all.filter(each -> !target(each).equals("anon_inode:[eventpoll]"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }

    /// Without the carriers of virtual threads.
    private static long threads(long pid) {
        try (Stream<Path> all = Files.list(Path.of("/proc/%d/task".formatted(pid)))) {
            return all.filter(each -> !name(each).startsWith("ForkJoinPool")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (IOException e) {
            return "ended meanwhile";
        }
    }

    private static long entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
