package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.network.Ipv4;
import dev.slipway.engine.network.NetworkRequest;
import dev.slipway.engine.user.IdRanges;
import dev.slipway.engine.volume.ProjectedFile;
import dev.slipway.engine.volume.VolumeGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What the containers of a pod shall share.
///
/// @param namespace and `name`: of the pod, for people and for file contents; never part of a path
/// @param sysctls kernel parameters of the namespaces that are the pod's own, by dotted name
/// @param group that its volumes belong to; those of the host stay as they are
/// @param volumes by the pod's own names for them
public record SandboxRequest(
        PodUid uid,
        String namespace,
        String name,
        String hostname,
        Network network,
        Sharing sharing,
        Map<String, String> sysctls,
        Optional<VolumeGroup> group,
        Map<String, PodVolume> volumes) {
    private static final int LONGEST_HOSTNAME = 64;

    public SandboxRequest {
        sysctls = Map.copyOf(sysctls);
        volumes = Map.copyOf(volumes);
    }

    /// With the kernel's own parameters and its volumes' own groups.
    public SandboxRequest(
            PodUid uid,
            String namespace,
            String name,
            String hostname,
            Network network,
            Sharing sharing,
            Map<String, PodVolume> volumes) {
        this(uid, namespace, name, hostname, network, sharing, Map.of(), Optional.empty(), volumes);
    }

    /// The same with other volumes.
    public SandboxRequest with(Map<String, PodVolume> others) {
        return new SandboxRequest(uid, namespace, name, hostname, network, sharing, sysctls, group, others);
    }

    /// @throws IllegalArgumentException when the kernel could not be told the hostname, which happens to full
    ///     names; in the kubelet's words
    SandboxRequest requireHostname() {
        if (hostname.length() > LONGEST_HOSTNAME) {
            throw new IllegalArgumentException(
                    "Failed to construct FQDN from Pod hostname and cluster domain, FQDN %s is too long"
                                    .formatted(hostname)
                            + " (%d characters is the max, %d characters requested)"
                                    .formatted(LONGEST_HOSTNAME, hostname.length()));
        }
        return this;
    }

    /// The same with the hostname that the sandbox was made with: its containers have it for as long as it is
    /// there.
    SandboxRequest under(String known) {
        return new SandboxRequest(uid, namespace, name, known, network, sharing, sysctls, group, volumes);
    }

    /// @param link whose network the pod has
    /// @param address the very one, only on the bridge; empty for any
    /// @param ports of the host that lead to it; only on the bridge
    /// @param names what `/etc/hosts` calls the pod's own address, the full one first; empty means the hostname
    /// @param hostAliases further lines for `/etc/hosts`: address, then names
    public record Network(
            Link link,
            Optional<String> address,
            List<PortMapping> ports,
            Dns dns,
            List<String> names,
            List<List<String>> hostAliases) {
        public Network {
            ports = List.copyOf(ports);
            names = List.copyOf(names);
            hostAliases = List.copyOf(hostAliases);
        }

        /// Of a pod that has no name but its hostname.
        public Network(Link link, List<PortMapping> ports, Dns dns, List<List<String>> hostAliases) {
            this(link, Optional.empty(), ports, dns, List.of(), hostAliases);
        }

        /// In the words of the room that makes it.
        ///
        /// @param namespace file of a network namespace that is there for the pod
        NetworkRequest wanted(Optional<Path> namespace) {
            return switch (link) {
                case BRIDGE ->
                    new NetworkRequest.Own(
                            ports.stream().map(PortMapping::wanted).toList(), address.map(Ipv4::parse), namespace);
                case NONE -> new NetworkRequest.Alone(namespace);
                case HOST -> new NetworkRequest.Host();
            };
        }
    }

    /// Whose network a pod has.
    public enum Link {
        /// One of its own, which reaches others over the engine's bridge.
        BRIDGE,
        /// One of its own with a loopback interface alone.
        NONE,
        /// The host's.
        HOST
    }

    /// A port of the host that leads to a port of the pod.
    ///
    /// @param hostAddress the host's address to listen on; empty for all
    /// @param protocol `TCP` or `UDP`
    public record PortMapping(String hostAddress, int hostPort, int containerPort, String protocol) {
        private dev.slipway.engine.network.PortMapping wanted() {
            return new dev.slipway.engine.network.PortMapping(
                    hostAddress.isEmpty() ? Ipv4.ANY : Ipv4.parse(hostAddress),
                    hostPort,
                    containerPort,
                    dev.slipway.engine.network.PortMapping.Protocol.valueOf(protocol));
        }
    }

    /// Beside or instead of the host's own resolver settings.
    ///
    /// @param inheritHost starts from the host's `/etc/resolv.conf`
    public record Dns(boolean inheritHost, List<String> servers, List<String> searches, List<String> options) {
        public static final Dns HOST = new Dns(true, List.of(), List.of(), List.of());

        public Dns {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /// Namespaces shared otherwise than a pod does by itself (which shares network and ipc).
    ///
    /// @param processes whether its containers see and signal each other's processes; not together with `hostPid`
    /// @param users others than the host's not together with a namespace of the host
    public record Sharing(boolean hostPid, boolean processes, Ipc ipc, Users users) {
        /// As a pod does by itself.
        public static final Sharing OF_POD = new Sharing(false, Ipc.POD, false);

        /// @param ownUsers whether the pod's users are others than the host's, as many and whoever is free
        public Sharing(boolean hostPid, boolean processes, Ipc ipc, boolean ownUsers) {
            this(hostPid, processes, ipc, ownUsers ? Users.Own.USUAL : new Users.OfHost());
        }

        /// Without a pid namespace of the pod.
        public Sharing(boolean hostPid, Ipc ipc, boolean ownUsers) {
            this(hostPid, false, ipc, ownUsers);
        }
    }

    /// Whose users the pod's are.
    public sealed interface Users {
        record OfHost() implements Users {}

        /// Nobody's on the host.
        ///
        /// @param firstHostId what user 0 of the pod is on the host; empty for a range that is free
        /// @param size how many users, and groups, the pod has
        record Own(OptionalInt firstHostId, int size) implements Users {
            static final Own USUAL = new Own(OptionalInt.empty(), IdRanges.SIZE);
        }
    }

    /// Who has System V objects, message queues and `/dev/shm` together.
    public enum Ipc {
        /// The pod and the host.
        HOST,
        /// The containers of the pod.
        POD,
        /// Nobody: each run of a container has its own. For pods of one container, which notice no difference:
        /// to make what is shared costs as much as the network.
        CONTAINER
    }

    /// A directory or file that containers of the pod may mount.
    public sealed interface PodVolume {
        /// Lives as long as the pod.
        ///
        /// @param memory on a tmpfs
        /// @param sizeLimitBytes for memory; empty means half of the machine's
        record EmptyDir(boolean memory, Optional<Long> sizeLimitBytes) implements PodVolume {}

        /// Lives as long as the pod, in huge pages.
        ///
        /// @param sizeLimitBytes empty means as many as the host has
        record HugePages(long pageSizeBytes, OptionalLong sizeLimitBytes) implements PodVolume {}

        /// A path of the host.
        ///
        /// @param type as Kubernetes names it, empty for no check
        record HostPath(String path, String type) implements PodVolume {}

        /// A directory of a server, mounted as long as the pod lives.
        record Nfs(String server, String path, boolean readOnly) implements PodVolume {}

        /// Outlives the pod: a directory that `engine.volume` keeps.
        ///
        /// @param readOnly for the whole pod
        record Managed(String volume, boolean readOnly) implements PodVolume {
            public Managed(String volume) {
                this(volume, false);
            }
        }

        /// Files made from ConfigMaps, Secrets and pod fields; replaced atomically when the request changes.
        ///
        /// @param secret kept in memory only
        record Projection(Map<String, ProjectedFile> files, boolean secret) implements PodVolume {
            public Projection {
                files = Map.copyOf(files);
            }
        }
    }
}
