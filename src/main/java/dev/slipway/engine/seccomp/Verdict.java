package dev.slipway.engine.seccomp;

import java.util.Locale;

/// What a filter answers to a system call. The last three look at the first argument.
enum Verdict {
    ALLOWED,
    REFUSED,
    ABSENT,
    NO_NAMESPACES,
    USUAL_PERSONALITY,
    USUAL_FAMILY;

    /// @param word as the table spells it
    static Verdict of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
