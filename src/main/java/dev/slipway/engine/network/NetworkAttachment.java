package dev.slipway.engine.network;

import java.nio.file.Path;

/// What network a pod has.
public sealed interface NetworkAttachment {
    /// @param netns file that the namespace is pinned to: setns(2) takes it, and it lives until the pod is detached
    /// @param prefix of the subnet that `address` is in
    record Own(Path netns, Ipv4 address, int prefix, Ipv4 gateway) implements NetworkAttachment {}

    /// A namespace that nobody reaches.
    ///
    /// @param netns as with [Own]
    record Alone(Path netns) implements NetworkAttachment {}

    /// @param address the one that the host speaks with to the outside, else 127.0.0.1
    record Host(Ipv4 address) implements NetworkAttachment {}
}
