package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.NetlinkReply;
import dev.slipway.engine.linux.NetlinkSocket;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The networks of all pods of this engine: a bridge, one namespace a pod, packet rules.
///
/// Life: [#open] makes bridge and rules and takes up what an earlier engine made; [#recover] once, before the first
/// attachment, keeps the networks of pods that live and removes the others; [#attach] gives a pod its network and
/// [#detach] takes it away; [#verify], called every second or so, puts back what somebody else removed. [#close] lets
/// go and leaves pods their network; [#dismantle] removes all.
///
/// Thread-safe; calls for one pod come from one thread at a time.
///
/// A port that is mapped on all addresses of the host is reached from other hosts, from other pods and from the host
/// itself, also by 127.0.0.1. Pods reach each other by their addresses; from elsewhere only mapped ports are reached.
public final class PodNetworks implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodNetworks.class);

    private final NetworkSettings settings;
    private final Executor background;
    private final AttachmentFiles files;
    private final PortGuard ports = new PortGuard();
    private final Map<PodUid, Attachment> attachments = new ConcurrentHashMap<>();
    private final LoneNetworks alone;
    private final Map<PodUid, NetworkAttachment> onHost = new ConcurrentHashMap<>();
    /// Shared by those who make and remove attachments, exclusive for who compares them with the kernel.
    private final ReadWriteLock comparison = new ReentrantReadWriteLock();
    /// Whether changes were heard of and not compared yet.
    private boolean isOwed;
    private volatile @Nullable Opened opened;

    /// @param background runs short tasks off the callers' way: making namespaces ready, tidying up
    public PodNetworks(NetworkSettings settings, Executor background) {
        this.settings = settings;
        this.background = background;
        this.files = new AttachmentFiles(settings.directory());
        this.alone = new LoneNetworks(files);
    }

    /// What exists between [#open] and [#close].
    private record Opened(
            NetlinkSocket route,
            NetlinkSocket changes,
            Bridge bridge,
            KernelParameters parameters,
            FixedAddresses fixed,
            Departures departures,
            PacketTable table,
            ReadyNetworks ready) {
        Opened with(Bridge other) {
            return new Opened(route, changes, other, parameters, fixed, departures, table, ready);
        }
    }

    /// @throws IOException also when the bridge's name or subnet is in use by somebody else
    public synchronized void open() throws IOException {
        files.make();
        NetlinkSocket changes = NetlinkSocket.routeChanges();
        NetlinkSocket route = NetlinkSocket.route();
        Bridge bridge = Bridge.ensure(route, settings);
        AddressPool addresses = new AddressPool(bridge.subnet());
        KernelParameters parameters =
                new KernelParameters(bridge.name(), settings.directory().resolve("ip_forward"));
        parameters.ensure();
        PacketTable table = new PacketTable(route, bridge.name(), bridge.subnet());
        ReadyNetworks ready = new ReadyNetworks(route, bridge, addresses, settings.readyNamespaces(), background);
        Departures departures = new Departures(addresses);
        FixedAddresses fixed = new FixedAddresses(route, bridge.subnet(), addresses, ready, departures);
        opened = new Opened(route, changes, bridge, parameters, fixed, departures, table, ready);
        load(addresses);
        table.install(Attachment.mappings(attachments.values()));
        background.execute(ready::fill);
    }

    /// Takes up the attachments that an earlier engine made, and detaches the pods that are not in `live`.
    ///
    /// @return the pods of `live` that have an attachment
    public Set<PodUid> recover(Set<PodUid> live) throws IOException {
        for (PodUid pod : attached()) {
            if (!live.contains(pod)) {
                detach(pod);
            }
        }
        return attached();
    }

    private Set<PodUid> attached() {
        Set<PodUid> all = new HashSet<>(attachments.keySet());
        all.addAll(alone.pods());
        return all;
    }

    /// Keeps addresses for the pods that will ask for them by themselves, as far as none has them yet.
    public void reserve(Set<String> wanted) {
        wanted.forEach(address -> opened().fixed().addresses().reserve(Ipv4.parse(address)));
    }

    /// Gives a pod its network. A pod that has one of its own already keeps it, with its address; its ports become
    /// those of `request`. After a failure nothing is left.
    ///
    /// @throws TakenException when another pod, or a process of the host, has one of the ports or the address
    /// @throws BindException when no pod can have the address, or the host has none of a port
    public NetworkAttachment attach(PodUid pod, NetworkRequest request) throws IOException {
        Lock shared = comparison.readLock();
        shared.lock();
        try {
            return switch (request) {
                case NetworkRequest.Host host -> attachHost(pod);
                case NetworkRequest.Alone lone -> {
                    Attachment before = attachments.get(pod);
                    yield before == null ? alone.attach(pod, lone.namespace()) : describe(before);
                }
                case NetworkRequest.Own own -> {
                    Optional<NetworkAttachment> before = alone.find(pod);
                    yield before.isPresent() ? before.get() : attachOwn(pod, own);
                }
            };
        } finally {
            shared.unlock();
        }
    }

    /// Gives an empty network namespace of somebody else what a pod needs, so that its pod is attached sooner. What
    /// is not attached goes with the namespace.
    ///
    /// @param namespace file of the namespace
    public void prepare(Path namespace) throws IOException {
        Opened current = opened;
        if (current == null) {
            throw new IOException("prepare a network: the engine ends");
        }
        Lock shared = comparison.readLock();
        shared.lock();
        try {
            current.ready().joinAhead(NetworkNamespace.open(namespace));
        } finally {
            shared.unlock();
        }
    }

    /// The attachment of a pod, from memory.
    public Optional<NetworkAttachment> find(PodUid pod) {
        return Optional.ofNullable(attachments.get(pod))
                .map(this::describe)
                .or(() -> alone.find(pod))
                .or(() -> Optional.ofNullable(onHost.get(pod)));
    }

    /// Whether the namespace of a pod's own network is out of reach: somebody has taken its pin away.
    public boolean isUnpinned(PodUid pod) throws IOException {
        return (attachments.containsKey(pod) || alone.find(pod).isPresent()) && !Mounts.isMountPoint(files.netns(pod));
    }

    /// Pins the namespace of a pod's own network again.
    ///
    /// @param namespace file by which it can still be reached, for instance that of a process in it
    public void pin(PodUid pod, Path namespace) throws IOException {
        try (NetworkNamespace open = NetworkNamespace.open(namespace)) {
            files.pin(pod, open);
        }
    }

    /// Removes a pod's network: namespace, interfaces, ports, address; nothing happens if it has none.
    public void detach(PodUid pod) throws IOException {
        Lock shared = comparison.readLock();
        shared.lock();
        try {
            onHost.remove(pod);
            alone.detach(pod);
            Attachment attachment = attachments.get(pod);
            if (attachment != null) {
                opened().table().map(attachment.address(), List.of());
                ports.release(pod);
                undo(attachment);
                attachments.remove(pod);
            }
        } finally {
            shared.unlock();
        }
    }

    /// Waits for a change of the host's network, whoever made it; [#verify] takes note of it.
    ///
    /// @return false when `limit` is over before, or this is closed
    public boolean awaitChange(Duration limit) throws IOException {
        Opened current = opened;
        return current != null
                && NetlinkSocket.awaitChange(
                        List.of(current.changes(), current.table().changes()), limit);
    }

    /// Compares bridge, interfaces and rules with what they should be, and puts back what is missing. Cheap while
    /// nobody changes anything.
    ///
    /// @return what was wrong, in words; empty if nothing was, or this is closed
    public synchronized List<String> verify() throws IOException {
        List<String> wrong = new ArrayList<>();
        if (opened == null) {
            return wrong;
        }
        isOwed |= opened().changes().drain(this::isOurs);
        if (isOwed) {
            settle();
            Lock exclusive = comparison.writeLock();
            exclusive.lock();
            try {
                verifyLinks(wrong);
            } finally {
                exclusive.unlock();
            }
            if (!opened().parameters().isWhole()) {
                opened().parameters().ensure();
                wrong.add("kernel parameters were changed");
            }
            isOwed = false;
        }
        if (opened().table().repair()) {
            wrong.add("packet rules were changed");
        }
        wrong.forEach(what -> LOG.warnf("network changed by others reason=\"%s\"", what));
        return wrong;
    }

    /// Whether another firewall of the host lets nothing pass between pods and other hosts. Cheap.
    public boolean isBlocked() throws IOException {
        Opened current = opened;
        return current != null && current.table().isBlocked();
    }

    /// Removes everything of this engine from the host, then closes.
    public void dismantle() throws IOException {
        recover(Set.of());
        Opened current = opened();
        current.ready().close();
        current.departures().finish(current.route());
        current.table().remove();
        Bridge.removeLink(current.route(), settings.bridge());
        current.parameters().restore();
        close();
    }

    @Override
    public synchronized void close() throws IOException {
        Opened current = opened;
        if (current != null) {
            opened = null;
            current.ready().close();
            current.table().close();
            current.route().close();
            current.changes().close();
            ports.close();
        }
    }

    private NetworkAttachment attachOwn(PodUid pod, NetworkRequest.Own request) throws IOException {
        List<PortMapping> wanted = request.ports();
        Attachment before = attachments.get(pod);
        ports.claim(pod, wanted);
        Attachment attachment = null;
        try {
            attachment = before == null ? make(pod, request) : before.with(wanted);
            if (!attachment.equals(before)) {
                if (before != null) {
                    files.write(attachment);
                }
                opened().table().map(attachment.address(), wanted);
            }
            attachments.put(pod, attachment);
            return describe(attachment);
        } catch (IOException e) {
            ports.claim(pod, before == null ? List.of() : before.ports());
            if (before == null && attachment != null) {
                undo(attachment);
            }
            throw e;
        }
    }

    private Attachment make(PodUid pod, NetworkRequest.Own request) throws IOException {
        ReadyNetworks.Ready network = request.address().isPresent()
                ? opened().fixed().network(request.address().get(), request.namespace(), this::holder)
                : opened().ready().network(request.namespace());
        Attachment attachment = new Attachment(pod, network.address(), network.link(), request.ports());
        try (NetworkNamespace namespace = network.namespace()) {
            files.write(attachment);
            files.pin(pod, namespace);
            return attachment;
        } catch (IOException e) {
            undo(attachment);
            throw e;
        }
    }

    private Optional<PodUid> holder(Ipv4 address) {
        return attachments.values().stream()
                .filter(attachment -> attachment.address().equals(address))
                .map(Attachment::pod)
                .findFirst();
    }

    /// With the last pin of its namespace, and no process in it, the pod's interface goes too.
    private void undo(Attachment attachment) throws IOException {
        opened().departures().add(attachment);
        files.remove(attachment.pod());
        background.execute(this::settle);
    }

    private synchronized void settle() {
        Opened current = opened;
        if (current == null) {
            return;
        }
        try {
            current.departures().settle(current.route());
        } catch (IOException e) {
            LOG.warnf("interfaces of pods that are gone could not be looked for reason=%s", e.getMessage());
        }
    }

    private void load(AddressPool addresses) throws IOException {
        for (AttachmentFiles.Kept kept : files.all()) {
            switch (kept) {
                case AttachmentFiles.Kept.Attached(Attachment attachment) -> {
                    addresses.claim(attachment.address());
                    ports.adopt(attachment.pod(), attachment.ports());
                    attachments.put(attachment.pod(), attachment);
                }
                case AttachmentFiles.Kept.Alone(PodUid pod) -> alone.adopt(pod);
                case AttachmentFiles.Kept.Broken(PodUid pod) -> files.remove(pod);
            }
        }
    }

    /// Others on this host have networks, too.
    private boolean isOurs(NetlinkReply told) {
        Links.Change change = Links.Change.of(told);
        Bridge bridge = opened().bridge();
        // Of a port that is as it should be the kernel tells, too: once more 15 s after it came, for instance.
        return attachments.values().stream().anyMatch(each -> each.link().equals(change.name()))
                ? !bridge.keeps(change)
                : bridge.isTouchedBy(change);
    }

    private void verifyLinks(List<String> wrong) throws IOException {
        HostNetwork host = HostNetwork.read(opened().route());
        if (!opened().bridge().isWhole(host)) {
            wrong.add("bridge %s was changed".formatted(settings.bridge()));
            Optional<Subnet> same = Optional.of(opened().bridge().subnet());
            Bridge bridge = Bridge.ensure(opened().route(), settings.bridge(), same, Optional.empty());
            opened = opened().with(bridge);
            opened().ready().changeBridge(bridge);
        }
        Map<String, Links.Link> links = host.links().stream().collect(Collectors.toMap(Links.Link::name, link -> link));
        opened().ready().keepOnly(links.keySet());
        background.execute(opened().ready()::fill);
        wrong.addAll(new LinkRepair(opened().route(), opened().bridge(), opened().ready(), files)
                .repair(attachments, links));
    }

    private NetworkAttachment attachHost(PodUid pod) throws IOException {
        NetworkAttachment attachment =
                new NetworkAttachment.Host(HostNetwork.read(opened().route()).ownAddress(settings.bridge()));
        onHost.put(pod, attachment);
        return attachment;
    }

    private NetworkAttachment describe(Attachment attachment) {
        Subnet subnet = opened().bridge().subnet();
        return new NetworkAttachment.Own(
                files.netns(attachment.pod()), attachment.address(), subnet.prefix(), subnet.gateway());
    }

    private Opened opened() {
        return Optional.ofNullable(opened).orElseThrow(() -> new IllegalStateException("pod networks are not open"));
    }
}
