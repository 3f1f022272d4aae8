package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/// The networks of all pods of this engine: a bridge, one namespace a pod, packet rules.
///
/// Life: [#open] makes bridge and rules; [#recover] once, before the first attachment, keeps those of pods that live
/// and
/// removes the others; [#attach] gives a pod its network and [#detach] takes it away; [#verify], called every second or
/// so, puts back what somebody else removed. [#close] lets go and leaves pods their network; [#dismantle] removes all.
///
/// Thread-safe; calls for one pod come from one thread at a time.
public final class PodNetworks implements AutoCloseable {
    /// @param background runs short tasks off the callers' way: making namespaces ready, tidying up
    public PodNetworks(NetworkSettings settings, Executor background) {}

    public void open() throws IOException {
        throw new IOException("not yet");
    }

    /// Takes up the attachments that an earlier engine made, and detaches the pods that are not in `live`.
    ///
    /// @return the pods of `live` that have an attachment
    public Set<PodUid> recover(Set<PodUid> live) throws IOException {
        throw new IOException("not yet");
    }

    /// Gives a pod its network. A pod that has one already keeps it, with its address; its ports become those of
    /// `request`. After a failure nothing is left.
    ///
    /// @throws PortTakenException when another pod or a process of the host has one of the ports
    public NetworkAttachment attach(PodUid pod, NetworkRequest request) throws IOException {
        throw new IOException("not yet");
    }

    /// The attachment of a pod, from memory.
    public Optional<NetworkAttachment> find(PodUid pod) {
        return Optional.empty();
    }

    /// Removes a pod's network: namespace, interfaces, ports, address; nothing happens if it has none.
    public void detach(PodUid pod) throws IOException {
        throw new IOException("not yet");
    }

    /// Compares bridge, interfaces and rules with what they should be, and puts back what is missing.
    ///
    /// @return what was wrong, in words, by its name; empty if nothing was
    public Map<String, String> verify() throws IOException {
        throw new IOException("not yet");
    }

    /// Removes everything of this engine from the host.
    public void dismantle() throws IOException {
        throw new IOException("not yet");
    }

    @Override
    public void close() {}
}
