package dev.slipway.desired.meta;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which of the names that exist somebody meant who wrote one that does not.
public final class NearestName {
    private static final int MOST_MISTAKES = 2;
    private static final int LETTERS_A_MISTAKE = 3;
    private static final int SHORTEST_PART = 3;

    private NearestName() {}

    /// The name that `written` misspells: it has other capitals or separators, or a letter or two are wrong.
    public static Optional<String> misspelled(String written, Collection<String> known) {
        String typed = plain(written);
        return known.stream()
                // Who is asked may be anybody, and a name of a megabyte costs more to compare than there is room for.
                .filter(name -> Math.abs(typed.length() - plain(name).length()) <= MOST_MISTAKES)
                .filter(name -> mistakes(typed, plain(name)) <= tolerated(typed))
                .min(Comparator.<String>comparingInt(name -> mistakes(typed, plain(name)))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /// As [#misspelled], or else the only name that begins with what was written, or the longest with whose words it
    /// begins.
    public static Optional<String> of(String written, Collection<String> known) {
        return misspelled(written, known)
                .or(() -> longer(plain(written), known))
                .or(() -> shorter(written, known));
    }

    private static Optional<String> longer(String typed, Collection<String> known) {
        List<String> names = known.stream()
                .filter(name -> typed.length() >= SHORTEST_PART && plain(name).startsWith(typed))
                .toList();
        return names.size() == 1 ? Optional.of(names.getFirst()) : Optional.empty();
    }

    private static Optional<String> shorter(String written, Collection<String> known) {
        return known.stream()
                .filter(name -> name.length() >= SHORTEST_PART
                        && written.regionMatches(true, 0, name, 0, name.length())
                        && (name.length() == SHORTEST_PART || endsWord(written, name.length())))
                .max(Comparator.comparingInt(String::length));
    }

    /// So that `name` is not taken for what somebody meant by `namespaceSelector`; an abbreviation, such as `env`, may
    /// be written out.
    private static boolean endsWord(String written, int end) {
        return end < written.length() && !Character.isLowerCase(written.charAt(end));
    }

    private static int tolerated(String typed) {
        return Math.min(MOST_MISTAKES, (typed.length() + 1) / LETTERS_A_MISTAKE);
    }

    /// `hostPort`, `host_port` and `host-port` are one.
    private static String plain(String name) {
        return name.replaceAll("[-_.]", "").toLowerCase(Locale.ROOT);
    }

    /// How many letters have to be put in, left out, changed, or swapped with the next.
    private static int mistakes(String typed, String meant) {
        int[][] cost = new int[typed.length() + 1][meant.length() + 1];
        for (int i = 0; i <= typed.length(); i++) {
            for (int j = 0; j <= meant.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int change = typed.charAt(i - 1) == meant.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(cost[i - 1][j - 1] + change, Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1));
                boolean isSwap = i > 1
                        && j > 1
                        && typed.charAt(i - 1) == meant.charAt(j - 2)
                        && typed.charAt(i - 2) == meant.charAt(j - 1);
                if (isSwap) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[typed.length()][meant.length()];
    }
}
