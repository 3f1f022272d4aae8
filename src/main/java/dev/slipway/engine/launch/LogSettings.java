package dev.slipway.engine.launch;

import java.nio.file.Path;

/// Where a container's output goes, line by line, in the format of Kubernetes' container runtimes:
/// `2026-01-31T10:00:00.123456789Z stdout F text`. When the file would exceed `maxSizeBytes` it becomes `<file>.1`, the
/// former `.1` becomes `.2`, and so on; `maxFiles` counts the current one. Lines are dropped, and counted, when the
/// disk is full; the container never waits for its log.
///
/// @spec https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md CRI logging
public record LogSettings(Path file, long maxSizeBytes, int maxFiles) {
    public static final long LEAST_BYTES = 4096;
    public static final int MOST_FILES = 99;

    /// What a kubelet keeps: five files of 10 MiB.
    public LogSettings(Path file) {
        this(file, 10 << 20, 5);
    }

    public LogSettings {
        Paths.requireAbsolute(file);
        if (maxSizeBytes < LEAST_BYTES || maxFiles < 1 || maxFiles > MOST_FILES) {
            throw new IllegalArgumentException("log of less than 4096 bytes, or not 1 to 99 files");
        }
    }
}
