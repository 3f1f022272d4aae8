package dev.slipway.actor.volume;

import dev.slipway.desired.meta.ApiObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// All that the status of a Volume is made of.
///
/// @param path of the data on the host; empty when there are none yet
/// @param bytesUsed as they were measured last
/// @param fault why the data cannot be used, or empty
record VolumeView(
        ApiObject volume, Optional<Path> path, OptionalLong bytesUsed, List<VolumeUsers.Mount> mounts, String fault) {
    VolumeView {
        mounts = List.copyOf(mounts);
    }

    boolean isInUse() {
        return !mounts.isEmpty();
    }

    /// The pods that use it, for people.
    String users() {
        return String.join(
                ", ", mounts.stream().map(VolumeUsers.Mount::pod).distinct().toList());
    }
}
