package dev.slipway.door.progress;

/// Marks and colours, as far as the terminal has them.
record Palette(boolean isColoured, boolean hasSymbols) {
    private static final String RESET = "\033[0m";
    private static final String SPINNER = "\u280b\u2819\u2839\u2838\u283c\u2834\u2826\u2827\u2807\u280f";
    private static final String PLAIN_SPINNER = "|/-\\";

    /// One character.
    ///
    /// @param frame number of the drawing, which turns the sign of what is moving
    String symbol(Row.Mark mark, int frame) {
        return paint(
                mark,
                switch (mark) {
                    case DONE -> hasSymbols ? "\u2713" : "+";
                    case FAILED -> hasSymbols ? "\u2717" : "x";
                    case BUSY -> turning(hasSymbols ? SPINNER : PLAIN_SPINNER, frame);
                });
    }

    String paint(Row.Mark mark, String text) {
        if (!isColoured) {
            return text;
        }
        return switch (mark) {
                    case DONE -> "\033[32m";
                    case BUSY -> "\033[33m";
                    case FAILED -> "\033[31m";
                }
                + text
                + RESET;
    }

    private static String turning(String spinner, int frame) {
        return spinner.substring(frame % spinner.length(), frame % spinner.length() + 1);
    }
}
