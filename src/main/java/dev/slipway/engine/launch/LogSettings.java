package dev.slipway.engine.launch;

import java.nio.file.Path;

/// Where a container's output goes, line by line, in the format of Kubernetes' container runtimes:
/// `2026-01-31T10:00:00.123456789Z stdout F text`. When the file would exceed the size of its rotation it becomes
/// `<file>.1`, the former `.1` becomes `.2`, and so on. Lines are dropped, and counted, when the disk is full; the
/// container never waits for its log.
///
/// @spec https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md CRI logging
public record LogSettings(Path file, Rotation rotation) {
    public static final long LEAST_BYTES = 4096;
    public static final int MOST_FILES = 99;

    /// How much is kept of a log.
    ///
    /// @param maxFiles the current one counted
    public record Rotation(long maxSizeBytes, int maxFiles) {
        /// What a kubelet keeps: five files of 10 MiB.
        public static final Rotation STANDARD = new Rotation(10 << 20, 5);

        public Rotation {
            if (maxSizeBytes < LEAST_BYTES || maxFiles < 1 || maxFiles > MOST_FILES) {
                throw new IllegalArgumentException("log of less than 4096 bytes, or not 1 to 99 files");
            }
        }
    }

    public LogSettings {
        Paths.requireAbsolute(file);
    }
}
