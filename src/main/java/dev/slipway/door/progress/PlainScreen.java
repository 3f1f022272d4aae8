package dev.slipway.door.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// One line for each milestone, for files, pipes, and whatever is read later. Used by one thread.
final class PlainScreen implements Screen {
    private static final Duration PACE = Duration.ofMillis(250);

    /// What has a row only for as long as it keeps the directory from being applied.
    private static final Set<String> HINDRANCES = Set.of("File", "Sync");

    private final PrintStream out;
    private final Map<Row.Subject, String> told = new HashMap<>();

    PlainScreen(PrintStream out) {
        this.out = out;
    }

    @Override
    public void show(Overview overview, Duration elapsed) {
        for (Row row : overview.rows()) {
            if (!row.milestone().equals(told.put(row.subject(), row.milestone()))) {
                out.println("%8s  %s: %s".formatted(Durations.text(elapsed), row.subject(), row.milestone()));
            }
        }
        told.keySet().removeIf(subject -> {
            boolean isGone =
                    overview.rows().stream().noneMatch(row -> row.subject().equals(subject));
            if (isGone) {
                String end = HINDRANCES.contains(subject.kind()) ? "settled" : "gone";
                out.println("%8s  %s: %s".formatted(Durations.text(elapsed), subject, end));
            }
            return isGone;
        });
        out.flush();
    }

    /// Takes an overview as told already.
    PlainScreen from(Overview overview) {
        overview.rows().forEach(row -> told.put(row.subject(), row.milestone()));
        return this;
    }

    @Override
    public Duration pace() {
        return PACE;
    }

    @Override
    public void end() {
        out.flush();
    }
}
