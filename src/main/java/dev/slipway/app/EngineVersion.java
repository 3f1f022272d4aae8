package dev.slipway.app;

/// Which Slipway this is.
final class EngineVersion {
    /// As in `pom.xml`, which a test compares.
    static final String CURRENT = "0.1.0";

    /// The version of Kubernetes whose API is spoken, as clients compare it.
    static final String KUBERNETES = "v1.35.0";

    private EngineVersion() {}
}
