package dev.slipway.engine.oci;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What an image is made for, how to run it, and which layers it has.
///
/// @param created null where the image does not say
/// @param diffIds bottom first, one for each layer of the manifest
/// @param author empty where the image does not say
/// @param triggers instructions of a Dockerfile that one on top of this image begins with; Docker's, not OCI's. They
///     are not handed on
/// @spec https://github.com/opencontainers/image-spec/blob/main/config.md OCI Image Spec: Image Configuration
public record ImageConfig(
        Platform platform,
        @Nullable Instant created,
        RunParameters parameters,
        List<DiffId> diffIds,
        List<HistoryEntry> history,
        String author,
        List<String> triggers) {
    public ImageConfig {
        Objects.requireNonNull(platform);
        Objects.requireNonNull(parameters);
        diffIds = List.copyOf(diffIds);
        history = List.copyOf(history);
        triggers = List.copyOf(triggers);
    }

    /// Without an author, and without triggers.
    public ImageConfig(
            Platform platform,
            @Nullable Instant created,
            RunParameters parameters,
            List<DiffId> diffIds,
            List<HistoryEntry> history) {
        this(platform, created, parameters, diffIds, history, "", List.of());
    }
}
