package dev.slipway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/// How long it took until all was well again, counted from when the cause of a fault had gone. It is printed, for
/// people to read; nobody asserts on it, as the machine may be busy with anything.
///
/// Thread-safe.
public final class RecoveryTimes {
    /// In nanoseconds, by fault, then by what was waited for.
    private final Map<String, Map<String, List<Long>>> table = new LinkedHashMap<>();

    private final Set<String> columns = new LinkedHashSet<>();

    /// @param what was waited for
    /// @param gone when the cause had gone, of [System#nanoTime]
    public synchronized void since(long gone, String fault, String what) {
        long nanos = System.nanoTime() - gone;
        columns.add(what);
        table.computeIfAbsent(fault, none -> new LinkedHashMap<>())
                .computeIfAbsent(what, none -> new ArrayList<>())
                .add(nanos);
    }

    /// Of a recovery that begins now, as somebody asks for it.
    public <T> T measured(String fault, String what, Callable<T> recovery) throws Exception {
        long begin = System.nanoTime();
        T result = recovery.call();
        since(begin, fault, what);
        return result;
    }

    /// One line for each fault, with the median and the longest of each time.
    public synchronized void print() {
        StringBuilder text = new StringBuilder("%n%-60s".formatted("recovery, ms: median, longest"));
        columns.forEach(column -> text.append(" %18s".formatted(column)));
        table.forEach((fault, times) -> {
            text.append("%n%-60s".formatted(fault));
            columns.forEach(column -> text.append(" %18s".formatted(cell(times.getOrDefault(column, List.of())))));
        });
        System.out.println(text);
    }

    private static String cell(List<Long> nanos) {
        if (nanos.isEmpty()) {
            return "-";
        }
        List<Long> sorted = nanos.stream().sorted().toList();
        return String.format(Locale.ROOT, "%.0f, %.0f", sorted.get(sorted.size() / 2) / 1e6, sorted.getLast() / 1e6);
    }
}
