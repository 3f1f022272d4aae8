package dev.slipway.engine.volume;

import java.io.IOException;

/// Checks that a path of the host is what a pod expects, and makes what its type says.
public final class HostPaths {
    private HostPaths() {}

    /// @throws IOException when something else, or nothing, is there; the words are Kubernetes'
    public static void ensure(HostPath hostPath) throws IOException {
        throw new IOException("not yet");
    }
}
