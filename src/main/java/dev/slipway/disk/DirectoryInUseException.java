package dev.slipway.disk;

import java.io.IOException;
import java.nio.file.Path;

/// A directory has a holder already.
public final class DirectoryInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param pid of the holder as it wrote it, empty when it has not yet
    public DirectoryInUseException(Path directory, String pid) {
        super("lock %s: in use by %s".formatted(directory, pid.isEmpty() ? "another process" : "process " + pid));
    }
}
