package dev.slipway.disk;

import java.nio.file.FileSystemException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Tells a full disk from other failures: the JDK has no exception of its own for it, only the kernel's words.
public final class DiskSpace {
    private DiskSpace() {}

    /// Whether `failure`, or what caused it, is that a file system or a quota is full.
    public static boolean ranOut(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message =
                    cause instanceof FileSystemException exception ? exception.getReason() : cause.getMessage();
            String lower = message == null ? "" : message.toLowerCase(Locale.ROOT);
            if (lower.contains("no space left on device") || lower.contains("disk quota exceeded")) {
                return true;
            }
        }
        return false;
    }
}
