package dev.slipway.door.progress;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Draws the rows in place, again and again, within the size of the window. Used by one thread.
///
/// @spec https://man7.org/linux/man-pages/man4/console_codes.4.html console_codes(4)
final class LiveScreen implements Screen {
    private static final Duration PACE = Duration.ofMillis(120);
    private static final String UP = "\033[%dA";
    private static final String CLEAR_LINE = "\033[K";
    private static final String CLEAR_BELOW = "\033[J";
    private static final int LEAST_DETAIL = 8;
    /// The title, the line that counts what is left out, and the line where the cursor rests.
    private static final int OTHER_LINES = 3;

    private final Terminal terminal;
    private final Palette palette;
    private final Path directory;
    private int drawn;
    private int frame;

    LiveScreen(Terminal terminal, Path directory) {
        this.terminal = terminal;
        this.palette = new Palette(terminal.isColoured(), terminal.hasSymbols());
        this.directory = directory;
    }

    @Override
    public void show(Overview overview, Duration elapsed) {
        StringBuilder picture = new StringBuilder("\r");
        if (drawn > 0) {
            picture.append(UP.formatted(drawn));
        }
        List<String> lines = lines(overview, elapsed, terminal.size().get());
        lines.forEach(line -> picture.append(line).append(CLEAR_LINE).append('\n'));
        terminal.out().print(picture.append(CLEAR_BELOW));
        terminal.out().flush();
        drawn = lines.size();
        frame++;
    }

    @Override
    public Duration pace() {
        return PACE;
    }

    /// Takes the drawing away: the table that follows says the same, and more.
    @Override
    public void end() {
        if (drawn > 0) {
            terminal.out().print("\r" + UP.formatted(drawn) + CLEAR_BELOW);
        }
        terminal.out().flush();
        drawn = 0;
    }

    private List<String> lines(Overview overview, Duration elapsed, Terminal.Size size) {
        int width = Math.max(20, size.columns() - 1);
        List<String> lines = new ArrayList<>();
        lines.add(cut(title(overview, elapsed), width));
        List<Row> shown = shown(overview.rows(), Math.max(1, size.rows() - OTHER_LINES));
        int subjects = shown.stream()
                .mapToInt(row -> row.subject().toString().length())
                .max()
                .orElse(0);
        int states = shown.stream().mapToInt(row -> row.state().length()).max().orElse(0);
        shown.forEach(row -> lines.add(line(row, Math.min(subjects, width / 2), Math.min(states, width / 4), width)));
        int left = overview.rows().size() - shown.size();
        if (left > 0) {
            lines.add(cut("  ... and %d more".formatted(left), width));
        }
        return lines;
    }

    private String title(Overview overview, Duration elapsed) {
        String progress = overview.isRead()
                ? "%d of %d as declared".formatted(overview.count(Row.Mark.DONE), overview.declared())
                : "reading the manifests";
        return "%s: %s, %s".formatted(directory, progress, Durations.text(elapsed));
    }

    /// What is not done comes first when there is no room for all.
    private static List<Row> shown(List<Row> rows, int most) {
        if (rows.size() <= most) {
            return rows;
        }
        List<Row> chosen = new ArrayList<>(rows);
        chosen.sort((one, other) -> Boolean.compare(one.mark() == Row.Mark.DONE, other.mark() == Row.Mark.DONE));
        return chosen.subList(0, most);
    }

    private String line(Row row, int subjects, int states, int width) {
        String subject = padded(cut(row.subject().toString(), subjects), subjects);
        String state = padded(cut(row.state(), states), states);
        int left = width - "  ".length() - subjects - "  ".length() - states - "  ".length();
        String detail = left < LEAST_DETAIL ? "" : cut(row.detail(), left);
        return cutToWidth(row, subject, state, detail, width);
    }

    private String cutToWidth(Row row, String subject, String state, String detail, int width) {
        int plain = "  ".length() + subject.length() + "  ".length() + state.length();
        String symbol = palette.symbol(row.mark(), frame);
        if (plain > width) {
            return symbol + " " + cut(subject, width - 2);
        }
        return symbol + " " + subject + "  " + palette.paint(row.mark(), state) + "  " + detail;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String cut(String text, int width) {
        return text.length() <= width
                ? text
                : text.substring(0, Math.max(0, width - 2)) + "..".substring(0, Math.min(2, width));
    }
}
