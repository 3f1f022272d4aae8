package dev.slipway.door.progress;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;

/// Where text for people goes, and what can be done there.
///
/// @param size asked anew for each drawing, because people change their windows
/// @param isLive whether lines can be drawn anew in place
/// @param isColoured whether escape sequences for colours are understood and wanted
public record Terminal(PrintStream out, Supplier<Size> size, boolean isLive, boolean isColoured) {
    /// In characters.
    public record Size(int columns, int rows) {
        /// What is not a terminal has none.
        public static final Size NONE = new Size(0, 0);
    }

    /// @param size [Size#NONE] where `out` is no terminal
    /// @param environment of the process: `TERM`, and `NO_COLOR` as https://no-color.org has it
    public static Terminal of(PrintStream out, Supplier<Size> size, Map<String, String> environment) {
        boolean isTerminal = size.get().columns() > 0;
        boolean isDumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
        boolean noColour = !environment.getOrDefault("NO_COLOR", "").isEmpty();
        return new Terminal(out, size, isTerminal && !isDumb, isTerminal && !isDumb && !noColour);
    }

    /// A file or a pipe.
    public static Terminal plain(PrintStream out) {
        return new Terminal(out, () -> Size.NONE, false, false);
    }

    boolean hasSymbols() {
        return out.charset().equals(StandardCharsets.UTF_8);
    }
}
