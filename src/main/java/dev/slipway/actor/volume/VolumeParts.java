package dev.slipway.actor.volume;

import dev.slipway.actor.image.PodImages;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.volume.ManagedVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/// What the controllers of this room work with.
///
/// @param volumes open, as are `snapshots`
/// @param images makes images present; a Volume asks as a pod does
/// @param layers the layer directories of an image, topmost first
/// @param clock the wall clock
/// @param steady a clock that nobody sets, for how long something takes
public record VolumeParts(
        ObjectApi objects,
        ManagedVolumes volumes,
        ManagedVolumes snapshots,
        PodImages images,
        Layers layers,
        Freezer freezer,
        EventRecorder recorder,
        InstantSource clock,
        InstantSource steady) {
    /// Finds the layers of an image.
    @FunctionalInterface
    public interface Layers {
        List<Path> of(LocalImage image) throws IOException;
    }
}
