package dev.slipway.actor.host;

/// What the Node says of the engine.
///
/// @param name of the Node object, by [HostFacts#nodeName]
/// @param version of this engine
/// @param kubeletVersion the version of Kubernetes whose API it speaks, as clients compare it
public record NodeSettings(String name, String version, String kubeletVersion) {}
