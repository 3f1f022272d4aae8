package dev.slipway.desired.kind.kubernetes;

import java.util.regex.Pattern;

/// The grammar of IP addresses, without asking anybody for a name.
final class Addresses {
    static final String RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern FOUR = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    private static final Pattern GROUPS = Pattern.compile("[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*");
    private static final int MOST_GROUPS = 8;

    private Addresses() {}

    static boolean isAddress(String text) {
        return FOUR.matcher(text).matches() || isSix(text);
    }

    static boolean isFour(String text) {
        return FOUR.matcher(text).matches();
    }

    private static boolean isSix(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text) == MOST_GROUPS;
        }
        String left = text.substring(0, gap);
        String right = text.substring(gap + 2);
        int before = left.isEmpty() ? 0 : plainGroups(left);
        int after = right.isEmpty() ? 0 : groups(right);
        return before >= 0 && after >= 0 && before + after < MOST_GROUPS;
    }

    /// How many groups of 16 bits there are, the last 32 perhaps in dots; negative when it cannot be read.
    private static int groups(String text) {
        int colon = text.lastIndexOf(':');
        if (FOUR.matcher(text.substring(colon + 1)).matches()) {
            return colon < 0 ? 2 : groups(text.substring(0, colon)) + 2;
        }
        return plainGroups(text);
    }

    private static int plainGroups(String text) {
        return GROUPS.matcher(text).matches() ? text.split(":").length : -MOST_GROUPS;
    }
}
