package dev.slipway.desired.reconcile;

/// Who records events.
///
/// @param component for instance `slipway`
/// @param host name of this node
public record EventSource(String component, String host) {}
