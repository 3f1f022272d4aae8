package dev.slipway.engine.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The cgroups that the container's first process is in before it opens anything or runs a single instruction of the
/// image. They exist already, with all that they limit, also which devices may be opened.
///
/// @param unified directory in the version 2 hierarchy; the process is born there (`CLONE_INTO_CGROUP`), at no cost
/// @param joined directories of version 1 hierarchies, which the process joins by itself
public record CgroupPlacement(Optional<Path> unified, List<Path> joined) {
    /// Stays where the engine is.
    public static final CgroupPlacement INHERITED = new CgroupPlacement(Optional.empty(), List.of());

    public CgroupPlacement {
        joined = List.copyOf(joined);
        unified.ifPresent(Paths::requireAbsolute);
        joined.forEach(Paths::requireAbsolute);
    }
}
