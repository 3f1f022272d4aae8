package dev.slipway.door.progress;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What stands at the end: a table, how to reach what was started, or what could not be and why. Pure.
final class Report {
    private static final Path USUAL_RUN = Path.of("/run/slipway");
    private static final List<String> WITH_LOGS = List.of("Container", "Pod");

    private final UpRequest request;
    private final Palette palette;

    Report(UpRequest request, Palette palette) {
        this.request = request;
        this.palette = palette;
    }

    List<String> lines(Overview overview, UpProgress.Outcome outcome, Duration elapsed) {
        List<String> lines = new ArrayList<>(table(overview));
        lines.add("");
        switch (outcome) {
            case CONVERGED ->
                lines.add(
                        overview.declared() == 0
                                ? "%s declares nothing; slipway reads what you put there."
                                        .formatted(request.directory())
                                : "As declared: %d %s, after %s."
                                        .formatted(
                                                overview.declared(),
                                                overview.declared() == 1 ? "object" : "objects",
                                                Durations.text(elapsed)));
            case STALLED ->
                lines.addAll(failures(overview, "Not as declared, and only a change of a manifest can help:"));
            case LATE ->
                lines.addAll(failures(overview, "Not as declared after %s:".formatted(Durations.text(elapsed))));
        }
        lines.addAll(hints(overview));
        return lines;
    }

    private List<String> table(Overview overview) {
        if (overview.rows().isEmpty()) {
            return List.of();
        }
        List<String[]> cells = new ArrayList<>();
        cells.add(new String[] {"KIND", "NAME", "STATE"});
        overview.rows()
                .forEach(row -> cells.add(
                        new String[] {row.subject().kind(), row.subject().shown(), row.state()}));
        int[] widths = new int[3];
        for (String[] each : cells) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], each[i].length());
            }
        }
        List<String> lines = new ArrayList<>(List.of(""));
        lines.add(line(cells.getFirst(), widths, cells.getFirst()[2], "DETAIL"));
        for (int i = 0; i < overview.rows().size(); i++) {
            Row row = overview.rows().get(i);
            lines.add(line(cells.get(i + 1), widths, palette.paint(row.mark(), row.state()), row.detail()));
        }
        return lines;
    }

    private static String line(String[] cells, int[] widths, String lastPainted, String detail) {
        String gap = " ".repeat(widths[2] - cells[2].length());
        return ("%-" + widths[0] + "s   %-" + widths[1] + "s   %s%s   %s")
                .formatted(cells[0], cells[1], lastPainted, gap, detail)
                .stripTrailing();
    }

    private static List<String> failures(Overview overview, String title) {
        List<String> lines = new ArrayList<>(List.of(title));
        if (!overview.isRead()) {
            lines.add("  the manifests have not been read yet");
        }
        overview.rows().stream()
                .filter(row -> row.subject().isDeclared() && row.mark() != Row.Mark.DONE)
                .forEach(row -> lines.add("  " + row.subject() + ": "
                        + (row.detail().isEmpty() ? row.state() : row.state() + ", " + row.detail())));
        return lines;
    }

    private List<String> hints(Overview overview) {
        List<String> hints = new ArrayList<>(List.of(""));
        for (Row row : overview.rows()) {
            if (row.mark() == Row.Mark.DONE) {
                row.addresses().forEach(address -> hints.add(hint("reach", address + "   (" + row.subject() + ")")));
            }
        }
        String options = request.run().equals(USUAL_RUN) ? "" : " --run " + request.run();
        overview.rows().stream()
                .filter(row -> row.mark() != Row.Mark.DONE && row.subject().isDeclared())
                .filter(row -> !row.subject().kind().equals("File"))
                .findFirst()
                .ifPresent(row ->
                        hints.add(hint("why", "slipway describe %s %s%s".formatted(kind(row), name(row), options))));
        overview.rows().stream()
                .filter(row -> WITH_LOGS.contains(row.subject().kind()))
                .findFirst()
                .ifPresent(row -> hints.add(hint("logs", "slipway logs %s%s".formatted(name(row), options))));
        hints.add(hint("look", "kubectl --kubeconfig %s get containers,pods".formatted(request.kubeconfig())));
        return hints;
    }

    private static String hint(String word, String text) {
        return "%-6s %s".formatted(word, text);
    }

    private static String kind(Row row) {
        return row.subject().kind().toLowerCase(Locale.ROOT);
    }

    private static String name(Row row) {
        String namespace = row.subject().namespace();
        boolean isUsual = namespace.isEmpty() || namespace.equals("default");
        return isUsual ? row.subject().name() : row.subject().name() + " -n " + namespace;
    }
}
