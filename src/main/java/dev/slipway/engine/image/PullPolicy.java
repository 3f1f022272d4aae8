package dev.slipway.engine.image;

/// When to ask the registry.
///
/// @spec https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy Kubernetes: Image pull policy
public enum PullPolicy {
    /// Ask what the tag points at now, even if the image is here; layers that are here are not fetched again.
    ALWAYS,
    /// Ask only if no image of that name is here.
    IF_NOT_PRESENT,
    /// Never ask.
    NEVER
}
