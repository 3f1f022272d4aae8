package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetlinkSocket;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Networks of pods that reach nobody: a namespace with a loopback interface that is up, and nothing else. Thread-safe;
/// calls for one pod come from one thread at a time.
final class LoneNetworks {
    private final AttachmentFiles files;
    private final Set<PodUid> pods = ConcurrentHashMap.newKeySet();

    LoneNetworks(AttachmentFiles files) {
        this.files = files;
    }

    /// Gives a pod its network, unless it has it. After a failure nothing is left.
    ///
    /// @param empty file of an empty namespace to be the pod's; absent for one that is made
    NetworkAttachment attach(PodUid pod, Optional<Path> empty) throws IOException {
        if (!pods.contains(pod)) {
            try (NetworkNamespace namespace =
                    empty.isPresent() ? NetworkNamespace.open(empty.get()) : NetworkNamespace.create()) {
                try (NetlinkSocket inside = namespace.inside(NetlinkSocket::route)) {
                    inside.exchange(Links.setUp(Links.LOOPBACK));
                }
                files.writeAlone(pod);
                files.pin(pod, namespace);
            } catch (IOException e) {
                files.remove(pod);
                throw e;
            }
            pods.add(pod);
        }
        return describe(pod);
    }

    /// Takes up what an earlier engine made.
    void adopt(PodUid pod) {
        pods.add(pod);
    }

    Optional<NetworkAttachment> find(PodUid pod) {
        return pods.contains(pod) ? Optional.of(describe(pod)) : Optional.empty();
    }

    void detach(PodUid pod) throws IOException {
        if (pods.contains(pod)) {
            files.remove(pod);
            pods.remove(pod);
        }
    }

    Set<PodUid> pods() {
        return Set.copyOf(pods);
    }

    private NetworkAttachment describe(PodUid pod) {
        return new NetworkAttachment.Alone(files.netns(pod));
    }
}
