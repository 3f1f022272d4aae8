package dev.slipway.engine.build;

/// Hears how a build goes, on the building thread; must return at once and not throw.
@FunctionalInterface
public interface BuildProgress {
    BuildProgress SILENT = (step, steps) -> {};

    /// @param step the one that begins, counted from 1
    void at(int step, int steps);
}
