package dev.slipway.desired.meta;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/// Times as Kubernetes writes them.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System ObjectMeta
public final class Timestamps {
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Timestamps() {}

    /// `Time`: whole seconds, `2026-01-31T08:00:00Z`.
    public static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// `MicroTime`: `2026-01-31T08:00:00.000000Z`.
    public static String micros(Instant time) {
        return MICROS.format(time);
    }
}
