package dev.slipway.actor.host;

import java.util.Optional;

/// What the Node says of the engine.
///
/// @param name of the Node object, by [HostFacts#nodeName]
/// @param version of this engine
/// @param kubeletVersion the version of Kubernetes whose API it speaks, as clients compare it
/// @param openDevices why nothing keeps containers from the host's devices but mounts; empty where something does
public record NodeSettings(String name, String version, String kubeletVersion, Optional<String> openDevices) {}
