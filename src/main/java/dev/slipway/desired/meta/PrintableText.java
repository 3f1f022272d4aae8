package dev.slipway.desired.meta;

import java.util.regex.Pattern;

/// Text of strangers (messages of registries, logs of starts, names in images) for a terminal, which would obey the
/// escape sequences in it, or a table, whose lines it would break.
public final class PrintableText {
    private static final Pattern BREAKS = Pattern.compile("\\s*\\R\\s*");
    /// Control characters, and those that turn the direction of writing.
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]");
    private static final Pattern CONTROLS_IN_LINES =
            Pattern.compile("[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069&&[^\\n\\t]]");

    private PrintableText() {}

    /// In one line; line breaks become `; `, control characters `?`.
    public static String line(String text) {
        return CONTROLS.matcher(BREAKS.matcher(text.strip()).replaceAll("; ")).replaceAll("?");
    }

    /// Lines and tabs as they are; other control characters become `?`.
    public static String lines(String text) {
        return CONTROLS_IN_LINES.matcher(text).replaceAll("?");
    }
}
