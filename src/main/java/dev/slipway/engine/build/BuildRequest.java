package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What to build.
///
/// @param base null to start from nothing
/// @param names names that the image gets; they move to it from other images
public record BuildRequest(@Nullable LocalImage base, List<BuildStep> steps, Set<Reference> names) {
    public BuildRequest {
        steps = List.copyOf(steps);
        names = Set.copyOf(names);
    }
}
