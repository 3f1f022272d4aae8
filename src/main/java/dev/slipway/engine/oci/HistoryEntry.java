package dev.slipway.engine.oci;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How one layer, or one change without a layer, came to be.
///
/// @param created null where the image does not say
/// @param author empty where the image does not say
/// @param emptyLayer this step changed the config only
public record HistoryEntry(
        @Nullable Instant created, String createdBy, String author, String comment, boolean emptyLayer) {
    /// Of this engine.
    public static HistoryEntry of(String createdBy, boolean emptyLayer) {
        return new HistoryEntry(null, createdBy, "", "", emptyLayer);
    }
}
