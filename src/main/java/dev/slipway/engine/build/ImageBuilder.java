package dev.slipway.engine.build;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.snapshot.Snapshots;

/// Builds images, each step one layer.
public final class ImageBuilder {
    public ImageBuilder(Images images, ContentStore content, Snapshots snapshots) {}
}
