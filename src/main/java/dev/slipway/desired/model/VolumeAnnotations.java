package dev.slipway.desired.model;

/// Annotations of the Volumes that nobody wrote a manifest for: the engine makes them for paths that an image declares,
/// and lets whoever they are made for control them by an owner reference.
public final class VolumeAnnotations {
    /// The path that the image declares.
    public static final String IMAGE_PATH = OwnGroup.GROUP + "/image-path";

    /// The container, inside the pod, whose image it is.
    public static final String CONTAINER = OwnGroup.GROUP + "/container";

    private VolumeAnnotations() {}
}
