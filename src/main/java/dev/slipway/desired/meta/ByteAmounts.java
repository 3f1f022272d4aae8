package dev.slipway.desired.meta;

import java.util.Locale;

/// Numbers of bytes as people read them.
public final class ByteAmounts {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private ByteAmounts() {}

    /// `512 B`, `4.2 MiB`, `17 MiB`.
    public static String text(long bytes) {
        double left = bytes;
        int unit = 0;
        while (left >= 1024 && unit < UNITS.length - 1) {
            left /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, left < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", left, UNITS[unit]);
    }
}
