package dev.slipway.door.cli;

import java.util.ArrayList;
import java.util.List;

/// The difference of two short texts by longest common subsequence, as unified lines: two spaces, `- ` or `+ ` in
/// front, up to three equal lines around each change. Quadratic in the number of lines.
final class LineDiff {
    private static final int CONTEXT = 3;

    private LineDiff() {}

    /// The lines to print, none when the texts are equal.
    static List<String> between(List<String> before, List<String> after) {
        List<String> all = new ArrayList<>();
        int[][] common = common(before, after);
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
                all.add("  " + before.get(i++));
                j++;
            } else if (i < before.size() && (j == after.size() || common[i + 1][j] >= common[i][j + 1])) {
                all.add("- " + before.get(i++));
            } else {
                all.add("+ " + after.get(j++));
            }
        }
        return aroundChanges(all);
    }

    /// Length of the longest common subsequence of the tails that start at `[i][j]`.
    private static int[][] common(List<String> before, List<String> after) {
        int[][] common = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                common[i][j] = before.get(i).equals(after.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        return common;
    }

    private static List<String> aroundChanges(List<String> all) {
        List<String> kept = new ArrayList<>();
        int lastKept = -1;
        for (int i = 0; i < all.size(); i++) {
            if (nearChange(all, i)) {
                if (lastKept >= 0 && lastKept < i - 1) {
                    kept.add("  ...");
                }
                kept.add(all.get(i));
                lastKept = i;
            }
        }
        return kept;
    }

    private static boolean nearChange(List<String> all, int at) {
        for (int i = Math.max(0, at - CONTEXT); i <= Math.min(all.size() - 1, at + CONTEXT); i++) {
            if (!all.get(i).startsWith("  ")) {
                return true;
            }
        }
        return false;
    }
}
