package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What there is of a sandbox, as containers need it: everything asked for, with paths for names.
///
/// @param namespace and `name`: of the pod, for people
/// @param address of the pod, or the host's; empty where it has a loopback alone
/// @param netns pin of its network namespace; empty with the host's network
/// @param ipc pin of the ipc namespace that its containers share, if they do
/// @param user its user namespace; empty with the host's users
/// @param pid pin of the pid namespace that its containers share, if they do
/// @param sharedMemory what containers see as `/dev/shm`; empty where each has its own, and its own ipc namespace
/// @param sysctls kernel parameters of its namespaces, by dotted name
/// @param volumes by the pod's names for them
record SandboxRecord(
        PodUid uid,
        String namespace,
        String name,
        String hostname,
        String address,
        Optional<Path> netns,
        Optional<Path> ipc,
        Optional<UserNamespace> user,
        boolean hostPid,
        Optional<Path> pid,
        Optional<Path> sharedMemory,
        Map<String, String> sysctls,
        Map<String, Source> volumes) {
    SandboxRecord {
        sysctls = Map.copyOf(sysctls);
        volumes = Map.copyOf(volumes);
    }

    /// With the kernel's own parameters, and no pid namespace that is shared.
    SandboxRecord(
            PodUid uid,
            String namespace,
            String name,
            String hostname,
            String address,
            Optional<Path> netns,
            Optional<Path> ipc,
            Optional<UserNamespace> user,
            boolean hostPid,
            Optional<Path> sharedMemory,
            Map<String, Source> volumes) {
        this(
                uid,
                namespace,
                name,
                hostname,
                address,
                netns,
                ipc,
                user,
                hostPid,
                Optional.empty(),
                sharedMemory,
                Map.of(),
                volumes);
    }

    PodState.Sandbox describe() {
        return new PodState.Sandbox(address, user.map(each -> new PodState.Users(each.firstHostId(), each.size())));
    }

    Namespace pidNamespace() {
        if (pid.isPresent()) {
            return new Namespace.Existing(pid.get());
        }
        return hostPid ? new Namespace.Host() : new Namespace.New();
    }

    Namespace ipcNamespace() {
        if (ipc.isPresent()) {
            return new Namespace.Existing(ipc.get());
        }
        return sharedMemory.isPresent() ? new Namespace.Host() : new Namespace.New();
    }

    /// Connects to a port on the loopback interface that the containers of a pod see, by IPv4 or else by IPv6.
    SocketChannel connect(int port) throws IOException {
        try {
            return connect(StandardProtocolFamily.INET, "127.0.0.1", port);
        } catch (IOException refused) {
            try {
                return connect(StandardProtocolFamily.INET6, "::1", port);
            } catch (IOException | UnsupportedOperationException e) {
                // A host without IPv6 has no such sockets at all.
                throw new IOException(
                        "connect to 127.0.0.1:%1$d: %2$s; connect to [::1]:%1$d: %3$s"
                                .formatted(port, lower(refused), lower(e)),
                        e);
            }
        }
    }

    /// A socket belongs to the namespace in which it was opened, wherever it is used.
    private SocketChannel connect(ProtocolFamily family, String address, int port) throws IOException {
        SocketChannel channel;
        if (netns.isEmpty()) {
            channel = SocketChannel.open(family);
        } else {
            try (NetworkNamespace namespace = NetworkNamespace.open(netns.get())) {
                channel = namespace.inside(() -> SocketChannel.open(family));
            }
        }
        try {
            channel.connect(new InetSocketAddress(InetAddress.getByName(address), port));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static String lower(Exception e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    }

    /// @param kind what is there
    /// @param readOnly for every container, whatever its mount says
    record Source(Path path, Mount.Kind kind, boolean readOnly) {}
}
