package dev.slipway.actor.volume;

import java.io.IOException;
import java.util.Collection;

/// Keeps the containers of pods frozen while something is done.
@FunctionalInterface
public interface Freezer {
    /// @param uids of the pods
    /// @throws IOException also when a container could not be frozen; then nothing was done
    void whileFrozen(Collection<String> uids, Work work) throws IOException;

    /// What is done meanwhile.
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }
}
