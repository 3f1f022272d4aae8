package dev.slipway.app;

/// Which Slipway this is.
final class EngineVersion {
    /// As in `pom.xml`, which a test compares.
    static final String CURRENT = "0.1.0";

    private EngineVersion() {}
}
