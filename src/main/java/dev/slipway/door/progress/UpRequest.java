package dev.slipway.door.progress;

import java.nio.file.Path;
import java.time.Duration;

/// What `slipway up` shall show.
///
/// @param directory of the manifests, absolute
/// @param limit how long it may take to converge
/// @param run directory of the engine's socket, for hints
/// @param kubeconfig where kubectl finds this engine, for hints
public record UpRequest(Path directory, Duration limit, Path run, Path kubeconfig) {
    public static final Duration USUAL_LIMIT = Duration.ofMinutes(5);

    /// Reads `--timeout`: `90s`, `5m`, `1h`.
    ///
    /// @throws IllegalArgumentException when it is no such text; the message is for the user
    public static Duration limit(String text) {
        if (!text.matches("[1-9][0-9]{0,5}[smh]")) {
            throw new IllegalArgumentException("timeout is not like 90s, 5m or 1h: " + text);
        }
        return Duration.parse("PT" + text);
    }
}
