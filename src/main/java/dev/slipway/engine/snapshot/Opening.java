package dev.slipway.engine.snapshot;

import dev.slipway.engine.oci.DiffId;
import java.nio.file.Path;
import java.util.List;

/// A layer that leaves something open, on top of those that it stands on in some image.
///
/// @param layer itself
/// @param joint under which name what joins it is a layer too; `layer` itself where it is the lowest and is not joined
/// @param tree of the layer
/// @param looseEnds what it leaves open
/// @param below trees below it, topmost first; none if it hides all of them
public record Opening(DiffId layer, DiffId joint, Path tree, Path looseEnds, List<Path> below) {
    public Opening {
        below = List.copyOf(below);
    }

    /// Whether nothing can be below.
    public boolean isLowest() {
        return joint.equals(layer);
    }
}
