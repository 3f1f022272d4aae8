package dev.slipway.desired.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which versions are wanted: `>=1.4 <2`, `1.2.x`, `~1.2.3`, `^1.2`, `1.0 - 2.0`, alternatives with `||`. Versions
/// before a release match only a range that names one.
///
/// @spec https://github.com/npm/node-semver#ranges npm: semver ranges
public final class VersionRange {
    private static final Pattern TERM = Pattern.compile(
            "(>=|<=|>|<|=|\\^|~)?\\s*v?(\\*|x|X|[0-9]{1,9})(?:\\.(\\*|x|X|[0-9]{1,9}))?(?:\\.(\\*|x|X|[0-9]{1,9}))?"
                    + "(?:-([0-9A-Za-z.-]+))?");
    private static final Pattern HYPHEN = Pattern.compile("(\\S+)\\s+-\\s+(\\S+)");

    private final String text;
    private final List<List<Predicate<SemVer>>> alternatives;

    private VersionRange(String text, List<List<Predicate<SemVer>>> alternatives) {
        this.text = text;
        this.alternatives = alternatives;
    }

    /// The range that `text` spells; empty if it is none.
    public static Optional<VersionRange> parse(String text) {
        List<List<Predicate<SemVer>>> alternatives = new ArrayList<>();
        for (String alternative : text.split("\\|\\|", -1)) {
            List<Predicate<SemVer>> terms = terms(alternative.strip());
            if (terms.isEmpty()) {
                return Optional.empty();
            }
            alternatives.add(terms);
        }
        return Optional.of(new VersionRange(text, alternatives));
    }

    public boolean contains(SemVer version) {
        return (version.isRelease() || text.contains("-"))
                && alternatives.stream().anyMatch(terms -> terms.stream().allMatch(term -> term.test(version)));
    }

    private static List<Predicate<SemVer>> terms(String text) {
        Matcher hyphen = HYPHEN.matcher(text);
        String plain = hyphen.matches() ? ">=" + hyphen.group(1) + " <=" + hyphen.group(2) : text;
        List<Predicate<SemVer>> terms = new ArrayList<>();
        Matcher term = TERM.matcher(plain);
        int at = 0;
        while (at < plain.length()) {
            if (!term.find(at) || term.start() != at) {
                return List.of();
            }
            terms.add(term(term));
            at = term.end();
            while (at < plain.length() && " ,".indexOf(plain.charAt(at)) >= 0) {
                at++;
            }
        }
        return terms;
    }

    private static Predicate<SemVer> term(Matcher term) {
        String operator = term.group(1) == null ? "=" : term.group(1);
        Long major = number(term.group(2));
        Long minor = major == null ? null : number(term.group(3));
        Long patch = minor == null ? null : number(term.group(4));
        String pre = term.group(5) == null ? "" : term.group(5);
        SemVer low = new SemVer(or(major), or(minor), or(patch), pre);
        if (major == null) {
            return version -> !operator.equals("<") && !operator.equals(">");
        }
        SemVer next = minor == null
                ? start(major + 1, 0, 0)
                : patch == null ? start(major, minor + 1, 0) : start(major, minor, patch + 1);
        return switch (operator) {
            case ">=" -> version -> version.compareTo(low) >= 0;
            case ">" -> version -> patch == null ? version.compareTo(next) >= 0 : version.compareTo(low) > 0;
            case "<" -> version -> version.compareTo(low) < 0;
            case "<=" -> version -> patch == null ? version.compareTo(next) < 0 : version.compareTo(low) <= 0;
            case "~" -> between(low, minor == null ? start(major + 1, 0, 0) : start(major, minor + 1, 0));
            case "^" -> between(low, caret(low, minor, patch));
            default -> patch == null ? between(low, next) : version -> version.compareTo(low) == 0;
        };
    }

    /// What changes the first number that is not zero.
    private static SemVer caret(SemVer low, @Nullable Long minor, @Nullable Long patch) {
        if (low.major() > 0 || minor == null) {
            return start(low.major() + 1, 0, 0);
        }
        return low.minor() > 0 || patch == null ? start(0, low.minor() + 1, 0) : start(0, 0, low.patch() + 1);
    }

    private static Predicate<SemVer> between(SemVer low, SemVer end) {
        return version -> version.compareTo(low) >= 0 && version.compareTo(end) < 0;
    }

    /// Before every version of these numbers, those before the release, too.
    private static SemVer start(long major, long minor, long patch) {
        return new SemVer(major, minor, patch, "0");
    }

    private static @Nullable Long number(@Nullable String text) {
        return text == null || text.matches("[*xX]") ? null : Long.valueOf(text);
    }

    private static long or(@Nullable Long number) {
        return number == null ? 0 : number;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VersionRange range && range.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
