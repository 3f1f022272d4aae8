package dev.slipway.engine.build;

/// Hears how a build goes, on the building thread; must return at once and not throw.
@FunctionalInterface
public interface BuildProgress {
    BuildProgress SILENT = (step, steps, words) -> {};

    /// A layer is going to be made; of layers that are known nothing is heard.
    ///
    /// @param step counted from 1
    /// @param words what it does
    void at(int step, int steps, String words);
}
