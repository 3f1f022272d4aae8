package dev.slipway.desired.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A semantic version, ordered as the specification orders them. A `v` before it, and a missing minor or patch number,
/// are accepted, because tags of images are written so.
///
/// @param pre what follows the hyphen; empty for a release
/// @spec https://semver.org/spec/v2.0.0.html Semantic Versioning 2.0.0
public record SemVer(long major, long minor, long patch, String pre) implements Comparable<SemVer> {
    private static final Pattern FORM = Pattern.compile("v?(0|[1-9][0-9]{0,17})(?:\\.(0|[1-9][0-9]{0,17}))?"
            + "(?:\\.(0|[1-9][0-9]{0,17}))?(?:-([0-9A-Za-z.-]+))?(?:[+_][0-9A-Za-z.-]+)?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    /// The version that `text` spells; empty if it is none.
    public static Optional<SemVer> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new SemVer(
                        Long.parseLong(matcher.group(1)),
                        number(matcher.group(2)),
                        number(matcher.group(3)),
                        matcher.group(4) == null ? "" : matcher.group(4)))
                : Optional.empty();
    }

    public boolean isRelease() {
        return pre.isEmpty();
    }

    @Override
    public int compareTo(SemVer other) {
        int numbers = Long.compare(major, other.major);
        numbers = numbers != 0 ? numbers : Long.compare(minor, other.minor);
        numbers = numbers != 0 ? numbers : Long.compare(patch, other.patch);
        if (numbers != 0 || pre.equals(other.pre)) {
            return numbers;
        }
        if (pre.isEmpty() || other.pre.isEmpty()) {
            return pre.isEmpty() ? 1 : -1;
        }
        return comparePre(pre.split("\\."), other.pre.split("\\."));
    }

    private static int comparePre(String[] one, String[] other) {
        for (int i = 0; i < Math.min(one.length, other.length); i++) {
            int part = comparePart(one[i], other[i]);
            if (part != 0) {
                return part;
            }
        }
        return Integer.compare(one.length, other.length);
    }

    /// Numbers are lower than words.
    private static int comparePart(String one, String other) {
        boolean isNumber = NUMBER.matcher(one).matches();
        boolean isOtherNumber = NUMBER.matcher(other).matches();
        if (isNumber && isOtherNumber) {
            return Long.compare(Long.parseLong(one), Long.parseLong(other));
        }
        return isNumber == isOtherNumber ? one.compareTo(other) : isNumber ? -1 : 1;
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }
}
