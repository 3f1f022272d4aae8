package dev.slipway.engine.network;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.NetlinkMessage;
import dev.slipway.engine.linux.NetlinkSocket;
import dev.slipway.engine.linux.NetworkNamespace;
import dev.slipway.engine.stock.Stock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/// Namespaces with interface, address and route, made before a pod needs one: to make one takes a millisecond, mostly
/// in locks that the whole kernel shares. They are held by descriptors only, so they vanish with this process.
/// Thread-safe.
final class ReadyNetworks implements AutoCloseable {
    /// The pod's interface.
    static final String INNER = "eth0";

    private static final int MOST_NAMES = 10;
    private static final Path DISABLE_IPV6 = Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6");
    private static final Logger LOG = Logger.getLogger(ReadyNetworks.class);

    private final NetlinkSocket route;
    private final AddressPool addresses;
    private final RandomGenerator random;
    private final Stock<Ready> ready;
    /// Those of others that were joined before a pod has them, by what tells namespaces apart.
    private final Map<Long, Ready> joined = new HashMap<>();
    private Bridge bridge;
    private boolean closed;

    /// @param wanted how many to keep
    /// @param filler makes more after one was taken
    ReadyNetworks(NetlinkSocket route, Bridge bridge, AddressPool addresses, int wanted, Executor filler) {
        this.route = route;
        this.bridge = bridge;
        this.addresses = addresses;
        this.random = RandomGenerator.getDefault();
        this.ready = new Stock<>("network", wanted, this::make, this::discard, filler);
    }

    /// @param link name of the host's end of its veth pair
    record Ready(NetworkNamespace namespace, Ipv4 address, String link) {}

    /// One with any address.
    ///
    /// @param given file of a namespace to be it, empty or [joined before][#joinAhead]; absent for one that is
    ///     ready, or a new one
    Ready network(Optional<Path> given) throws IOException {
        if (given.isPresent()) {
            return join(NetworkNamespace.open(given.get()));
        }
        Optional<Ready> made = ready.take();
        return made.isPresent() && isFreeToGive(made.get()) ? made.get() : make();
    }

    /// Gives one up that has an address which was reserved when it was ready already.
    private boolean isFreeToGive(Ready made) {
        boolean isFree = !addresses.isReserved(made.address());
        if (!isFree) {
            leave(made);
        }
        return isFree;
    }

    /// Gives an empty namespace what a pod's has, with an address that the caller has taken; closes the one and
    /// releases the other after a failure.
    Ready with(Ipv4 address, NetworkNamespace namespace) throws IOException {
        try {
            return join(namespace, address);
        } catch (IOException e) {
            namespace.close();
            throw e;
        }
    }

    /// Gives an empty namespace of somebody else what a pod's has, for [#join] to find.
    void joinAhead(NetworkNamespace namespace) throws IOException {
        Ready made = joined(namespace);
        synchronized (this) {
            if (!closed) {
                joined.put(namespace.id(), made);
                return;
            }
        }
        discard(made);
    }

    /// Gives an empty namespace what a pod's has, unless it has it already; closes it after a failure.
    private Ready join(NetworkNamespace namespace) throws IOException {
        Ready before;
        synchronized (this) {
            before = joined.remove(namespace.id());
        }
        if (before == null || !isFreeToGive(before)) {
            return joined(namespace);
        }
        namespace.close();
        return before;
    }

    private Ready joined(NetworkNamespace namespace) throws IOException {
        Ipv4 address;
        try {
            address = addresses.take();
        } catch (IOException e) {
            namespace.close();
            throw e;
        }
        return with(address, namespace);
    }

    /// Makes as many as are wanted.
    void fill() {
        ready.fill();
    }

    /// Joins an existing namespace, whose interface is gone, to the bridge again.
    ///
    /// @return name of the host's end
    String connect(NetworkNamespace namespace, Ipv4 address) throws IOException {
        Bridge current = bridge();
        try (NetlinkSocket inside = namespace.inside(ReadyNetworks::enter)) {
            String outer = makePair(namespace, address, current);
            try {
                int eth0 = index(inside, INNER);
                inside.exchange(List.of(
                        Links.setUp(Links.LOOPBACK),
                        Links.setUp(eth0),
                        Links.addAddress(eth0, address, current.subnet()),
                        Links.addDefaultRoute(eth0, current.subnet().gateway())));
                route.exchange(Links.setHairpin(index(route, outer)));
                return outer;
            } catch (IOException e) {
                Bridge.removeLink(route, outer);
                throw e;
            }
        }
    }

    /// Pods have IPv4 only: without this each interface would announce itself over IPv6 and keep the bridge busy.
    private static NetlinkSocket enter() throws IOException {
        if (Files.exists(DISABLE_IPV6)) {
            Files.writeString(DISABLE_IPV6, "1", StandardOpenOption.WRITE);
        }
        return NetlinkSocket.route();
    }

    private static int index(NetlinkSocket socket, String name) throws IOException {
        return Bridge.find(socket, name)
                .orElseThrow(() -> new IOException("find interface %s: it vanished at once".formatted(name)))
                .index();
    }

    /// Another bridge has taken the place of the one before: what was ready is not any more.
    void changeBridge(Bridge changed) {
        List<Ready> others;
        synchronized (this) {
            bridge = changed;
            others = List.copyOf(joined.values());
            joined.clear();
        }
        ready.discardIf(_ -> true);
        others.forEach(this::leave);
    }

    /// Gives up the one that has an address, if there is one: that is free then, and no interface has it.
    void giveUp(Ipv4 address) throws IOException {
        List<Ready> others = new ArrayList<>();
        synchronized (this) {
            joined.values().removeIf(each -> each.address().equals(address) && others.add(each));
        }
        others.forEach(this::leave);
        List<String> links = new ArrayList<>();
        ready.discardIf(each -> each.address().equals(address) && links.add(each.link()));
        for (String link : links) {
            Bridge.removeLink(route, link);
        }
    }

    /// Forgets those whose interface is none of `links`: somebody has removed it.
    void keepOnly(Set<String> links) {
        List<Ready> others = new ArrayList<>();
        synchronized (this) {
            joined.values().removeIf(each -> !links.contains(each.link()) && others.add(each));
        }
        ready.discardIf(each -> !links.contains(each.link()));
        others.forEach(this::leave);
    }

    @Override
    public void close() {
        List<Ready> others;
        synchronized (this) {
            closed = true;
            others = List.copyOf(joined.values());
            joined.clear();
        }
        ready.close();
        others.forEach(this::discard);
    }

    /// Takes its interface out of a namespace that lives on.
    private void leave(Ready unused) {
        try {
            Bridge.removeLink(route, unused.link());
        } catch (IOException e) {
            LOG.warnf("interface could not be removed link=%s reason=%s", unused.link(), e.getMessage());
        }
        discard(unused);
    }

    private Ready make() throws IOException {
        return join(NetworkNamespace.create());
    }

    private Ready join(NetworkNamespace namespace, Ipv4 address) throws IOException {
        try {
            return new Ready(namespace, address, connect(namespace, address));
        } catch (IOException e) {
            addresses.release(address);
            throw e;
        }
    }

    /// @throws IOException also when the namespace has an interface of that name: a container may have made one
    private String makePair(NetworkNamespace namespace, Ipv4 address, Bridge current) throws IOException {
        for (int tries = 0; tries < MOST_NAMES; tries++) {
            String outer = "veth%08x".formatted(random.nextInt());
            NetlinkMessage message = new Links.VethPair(
                            outer,
                            current.index(),
                            INNER,
                            Links.hardwareAddress(address),
                            namespace.number(),
                            current.mtu())
                    .make();
            try {
                route.exchange(message);
                return outer;
            } catch (LinuxException e) {
                if (e.errno() != Errno.EEXIST || Bridge.find(route, outer).isEmpty()) {
                    throw e;
                }
            }
        }
        throw new IOException("make an interface: %d names in a row are taken".formatted(MOST_NAMES));
    }

    private synchronized Bridge bridge() {
        return bridge;
    }

    /// The interfaces go with the namespace.
    private void discard(Ready unused) {
        addresses.release(unused.address());
        unused.namespace().close();
    }
}
