package dev.slipway.desired.kind;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What each process of a container may use of one resource, written as `docker run --ulimit` takes it:
/// `nofile=1024:2048`.
///
/// @param name as in [#NAMES]
/// @param soft that it begins with, -1 for any number
/// @param hard that it may raise it to, -1 for any number
/// @spec https://man7.org/linux/man-pages/man2/getrlimit.2.html getrlimit(2)
public record Ulimit(String name, long soft, long hard) {
    /// Resources that there are, in the words of limits.conf(5) and Docker.
    public static final List<String> NAMES = List.of(
            "as",
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack");

    /// No limit is as large.
    public static final long END = 1_000_000_000_000_000_000L;

    private static final Pattern FORM = Pattern.compile("([a-z]+)=(-1|\\d{1,18})(?::(-1|\\d{1,18}))?");

    /// Several of them, separated by commas.
    ///
    /// @return empty when `text` is not of the form
    public static Optional<List<Ulimit>> parse(String text) {
        List<Ulimit> limits = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            Matcher form = FORM.matcher(each.strip());
            if (!form.matches() || !NAMES.contains(form.group(1))) {
                return Optional.empty();
            }
            long soft = Long.parseLong(form.group(2));
            Ulimit limit =
                    new Ulimit(form.group(1), soft, form.group(3) == null ? soft : Long.parseLong(form.group(3)));
            if (!limit.isInOrder()) {
                return Optional.empty();
            }
            limits.add(limit);
        }
        return Optional.of(limits);
    }

    /// Whether the soft limit is not above the hard one.
    public boolean isInOrder() {
        return Long.compareUnsigned(soft, hard) <= 0;
    }
}
