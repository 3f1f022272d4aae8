package dev.slipway.actor.space;

import java.time.Duration;
import java.util.Locale;

/// An Image that is to go.
///
/// @param image name of the object
/// @param unused for how long nobody has needed it
/// @param bytes what that frees
public record Removal(String image, Cause cause, Duration unused, long bytes) {
    private static final long KIBIBYTE = 1 << 10;
    private static final long MEBIBYTE = 1 << 20;

    /// Why an image goes.
    public sealed interface Cause {
        /// It has been unused for longer than allowed.
        record Age(Duration maximum) implements Cause {}

        /// The file system is too full.
        record Space(int usedPercent, int highThresholdPercent) implements Cause {}

        /// The file system can take hardly any more files, however small.
        record Inodes(int usedPercent, int highThresholdPercent) implements Cause {}

        /// Somebody asked for it.
        record Wish() implements Cause {}

        /// In one word, for logs and metrics.
        default String word() {
            return switch (this) {
                case Age age -> "age";
                case Space space -> "space";
                case Inodes inodes -> "inodes";
                case Wish wish -> "wish";
            };
        }
    }

    /// Why, for people.
    public String words() {
        String why =
                switch (cause) {
                    case Cause.Age age -> "longer than " + text(age.maximum());
                    case Cause.Space space ->
                        "and %d %% of the file system are in use, which may be %d %%"
                                .formatted(space.usedPercent(), space.highThresholdPercent());
                    case Cause.Inodes inodes ->
                        "and %d %% of the inodes of the file system are in use, which may be %d %%"
                                .formatted(inodes.usedPercent(), inodes.highThresholdPercent());
                    case Cause.Wish wish -> "and somebody asked to remove what nobody needs";
                };
        return "unused for %s, %s; frees %s".formatted(text(unused), why, text(bytes));
    }

    /// In the two largest units: `31d4h`, `2h5m`, `40s`.
    private static String text(Duration time) {
        if (time.toDays() > 0) {
            return time.toHoursPart() == 0 ? time.toDays() + "d" : time.toDays() + "d" + time.toHoursPart() + "h";
        }
        if (time.toHours() > 0) {
            return time.toMinutesPart() == 0 ? time.toHours() + "h" : time.toHours() + "h" + time.toMinutesPart() + "m";
        }
        return time.toMinutes() > 0 ? time.toMinutes() + "m" : time.toSeconds() + "s";
    }

    /// `12 B`, `12 KiB`, `1.2 MiB`.
    private static String text(long bytes) {
        if (bytes < MEBIBYTE) {
            return bytes < KIBIBYTE ? bytes + " B" : bytes / KIBIBYTE + " KiB";
        }
        return String.format(Locale.ROOT, "%.1f MiB", (double) bytes / MEBIBYTE);
    }
}
