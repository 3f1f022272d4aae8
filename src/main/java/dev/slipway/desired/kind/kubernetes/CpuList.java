package dev.slipway.desired.kind.kubernetes;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lists of cpus as the kernel writes them: `0-2,7`.
///
/// @spec https://man7.org/linux/man-pages/man7/cpuset.7.html cpuset(7): List format
public final class CpuList {
    private static final Pattern PART = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

    private CpuList() {}

    /// What is wrong with a list; an empty text is none.
    public static List<String> faults(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        for (String part : text.split(",", -1)) {
            Matcher matcher = PART.matcher(part);
            boolean isRange = matcher.matches()
                    && (matcher.group(2) == null
                            || Integer.parseInt(matcher.group(1)) <= Integer.parseInt(matcher.group(2)));
            if (!isRange) {
                return List.of("must be a list of cpus, for instance 0-2,7");
            }
        }
        return List.of();
    }
}
