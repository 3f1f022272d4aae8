package dev.slipway.door.distribution;

import dev.slipway.engine.oci.Repository;
import java.util.List;

/// What the path of a request means to who sends it.
///
/// @param repositories the first that has something counts
/// @param isMirror they are another registry's, in whose stead this one is asked
/// @param seesGuarded whether images that came with credentials are shown
record Meant(List<Repository> repositories, boolean isMirror, boolean seesGuarded) {
    Meant {
        repositories = List.copyOf(repositories);
    }
}
