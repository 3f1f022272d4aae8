package dev.slipway.desired.model;

/// Where Slipway's own kinds live.
public final class OwnGroup {
    public static final String GROUP = "slipway.dev";
    public static final String VERSION = "v1alpha1";
    public static final String API_VERSION = GROUP + "/" + VERSION;

    private OwnGroup() {}
}
