package dev.slipway.actor.volume;

import java.io.IOException;
import java.util.function.Predicate;

/// Keeps the containers of pods frozen while something is done.
@FunctionalInterface
public interface Freezer {
    /// @param isUser whether a pod, by its uid, is one of them; asked again for each that starts a container
    ///     meanwhile
    /// @throws IOException also when a container could not be frozen, or not be kept so until all was done
    void whileFrozen(Predicate<String> isUser, Work work) throws IOException;

    /// What is done meanwhile.
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }
}
