package dev.slipway.desired.kind.kubernetes;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The names of Linux' signals.
///
/// @spec https://man7.org/linux/man-pages/man7/signal.7.html signal(7)
public final class Signals {
    private static final Set<String> NAMES = Set.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
            "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
            "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS", "RTMIN", "RTMAX");
    private static final int LARGEST = 64;

    private Signals() {}

    /// What is wrong with the name or number of a signal.
    public static List<String> faults(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        String bare = name.startsWith("SIG") ? name.substring(3) : name;
        boolean isNumber =
                text.matches("[0-9]{1,2}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= LARGEST;
        boolean isRealTime = bare.matches("RTMIN\\+[0-9]{1,2}|RTMAX-[0-9]{1,2}");
        return isNumber || isRealTime || NAMES.contains(bare)
                ? List.of()
                : List.of("must be a signal, for instance SIGTERM or 15");
    }
}
