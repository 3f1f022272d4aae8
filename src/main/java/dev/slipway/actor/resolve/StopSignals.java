package dev.slipway.actor.resolve;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Signals by the names that images and manifests use: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`. The numbers are
/// those of the architectures that Slipway runs on.
///
/// @spec https://man7.org/linux/man-pages/man7/signal.7.html signal(7)
public final class StopSignals {
    public static final int TERM = 15;
    public static final int KILL = 9;

    private static final int FIRST_REAL_TIME = 34;
    private static final int LAST = 64;
    private static final Pattern REAL_TIME = Pattern.compile("RT(MIN|MAX)(?:([+-])([0-9]{1,2}))?");

    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
            Map.entry("HUP", 1),
            Map.entry("INT", 2),
            Map.entry("QUIT", 3),
            Map.entry("ILL", 4),
            Map.entry("TRAP", 5),
            Map.entry("ABRT", 6),
            Map.entry("IOT", 6),
            Map.entry("BUS", 7),
            Map.entry("FPE", 8),
            Map.entry("KILL", KILL),
            Map.entry("USR1", 10),
            Map.entry("SEGV", 11),
            Map.entry("USR2", 12),
            Map.entry("PIPE", 13),
            Map.entry("ALRM", 14),
            Map.entry("TERM", TERM),
            Map.entry("STKFLT", 16),
            Map.entry("CHLD", 17),
            Map.entry("CLD", 17),
            Map.entry("CONT", 18),
            Map.entry("STOP", 19),
            Map.entry("TSTP", 20),
            Map.entry("TTIN", 21),
            Map.entry("TTOU", 22),
            Map.entry("URG", 23),
            Map.entry("XCPU", 24),
            Map.entry("XFSZ", 25),
            Map.entry("VTALRM", 26),
            Map.entry("PROF", 27),
            Map.entry("WINCH", 28),
            Map.entry("IO", 29),
            Map.entry("POLL", 29),
            Map.entry("PWR", 30),
            Map.entry("SYS", 31));

    private StopSignals() {}

    /// @return empty when `text` names no signal
    public static OptionalInt number(String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("SIG") ? upper.substring(3) : upper;
        if (bare.matches("[0-9]{1,2}")) {
            return valid(Integer.parseInt(bare));
        }
        Matcher realTime = REAL_TIME.matcher(bare);
        if (realTime.matches()) {
            int from = realTime.group(1).equals("MIN") ? FIRST_REAL_TIME : LAST;
            int offset = realTime.group(3) == null ? 0 : Integer.parseInt(realTime.group(3));
            return valid("-".equals(realTime.group(2)) ? from - offset : from + offset);
        }
        Integer number = NUMBERS.get(bare);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    private static OptionalInt valid(int number) {
        return number >= 1 && number <= LAST ? OptionalInt.of(number) : OptionalInt.empty();
    }
}
