package dev.slipway.actor.space;

import java.time.Duration;

/// When images that nobody needs go, as the kubelet has it.
///
/// @param highThresholdPercent from this use of the file system on, images go; 100 for never
/// @param lowThresholdPercent until no more than this is in use
/// @param minimumAge how long an image has to be unused before it goes for lack of space
/// @param maximumAge how long an image may be unused at all; zero for however long
/// @spec https://kubernetes.io/docs/concepts/architecture/garbage-collection/#container-image-lifecycle Kubernetes:
///     Container image lifecycle
public record CollectionSettings(
        int highThresholdPercent, int lowThresholdPercent, Duration minimumAge, Duration maximumAge) {
    public static final CollectionSettings STANDARD =
            new CollectionSettings(85, 80, Duration.ofMinutes(2), Duration.ofDays(30));

    private static final int WHOLE = 100;

    public CollectionSettings {
        if (highThresholdPercent < 1 || highThresholdPercent > WHOLE) {
            throw new IllegalArgumentException("the high threshold is not between 1 and 100: " + highThresholdPercent);
        }
        if (lowThresholdPercent < 0 || lowThresholdPercent >= highThresholdPercent) {
            throw new IllegalArgumentException("the low threshold is not below the high one, which is %d: %d"
                    .formatted(highThresholdPercent, lowThresholdPercent));
        }
        if (minimumAge.isNegative() || maximumAge.isNegative()) {
            throw new IllegalArgumentException("an age is not less than nothing");
        }
    }

    boolean isTooOld(Duration unused) {
        return !maximumAge.isZero() && unused.compareTo(maximumAge) > 0;
    }

    /// Whether what is in use is too much.
    boolean isExceeded(int usedPercent) {
        return highThresholdPercent < WHOLE && usedPercent >= highThresholdPercent;
    }
}
