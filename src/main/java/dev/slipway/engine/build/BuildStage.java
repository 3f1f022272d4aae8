package dev.slipway.engine.build;

import java.util.List;

/// Steps on one base. Of several stages the last makes the image; the others are there to be copied from, or to be
/// built on, and leave nothing in it.
public record BuildStage(StageOrigin base, List<BuildStep> steps) {
    public BuildStage {
        steps = List.copyOf(steps);
    }
}
