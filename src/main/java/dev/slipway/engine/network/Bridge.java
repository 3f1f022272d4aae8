package dev.slipway.engine.network;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The engine's bridge, up and with the address that pods use as their gateway.
///
/// @param mtu of the bridge and of everything on it
record Bridge(String name, int index, Subnet subnet, int mtu) {
    private static final int MOST_TRIES = 20;

    /// Makes the bridge, or takes the one that is there with the address it has.
    ///
    /// @param wanted empty for what is there, else for a free one
    /// @throws IOException also when an interface of that name is none of ours
    static Bridge ensure(NetlinkSocket route, String name, Optional<Subnet> wanted) throws IOException {
        HostNetwork host = HostNetwork.read(route);
        Optional<Subnet> there =
                host.link(name).flatMap(found -> host.addressOf(found.index())).map(Links.Address::subnet);
        Optional<Subnet> known = wanted.or(() -> there);
        return known.isPresent() ? make(route, host, name, known.get(), there) : makeOnFreeSubnet(route, name);
    }

    /// Another engine of the host may look for one at the same moment: who sees that both have taken the same leaves
    /// it, and looks from elsewhere on.
    private static Bridge makeOnFreeSubnet(NetlinkSocket route, String name) throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            HostNetwork host = HostNetwork.read(route);
            Subnet subnet = host.freeSubnet(tries == 0 ? 0 : Objects.hash(name, tries));
            Bridge bridge = make(route, host, name, subnet, Optional.empty());
            if (!HostNetwork.read(route).hasOther(bridge.index(), subnet)) {
                return bridge;
            }
            removeLink(route, name);
        }
        throw new IOException("choose a subnet for pods: others of this host took each at the same moment;"
                + " set one with SLIPWAY_SUBNET");
    }

    private static Bridge make(
            NetlinkSocket route, HostNetwork host, String name, Subnet subnet, Optional<Subnet> there)
            throws IOException {
        if (there.isPresent() && !there.get().equals(subnet)) {
            throw new IOException("use bridge %s: it has the subnet %s and not %s; remove it with: ip link delete %s"
                    .formatted(name, there.get(), subnet, name));
        }
        if (host.link(name).isEmpty()) {
            route.exchange(Links.makeBridge(name, Links.hardwareAddress(subnet.gateway()), host.mtu()));
        }
        Links.Link bridge = find(route, name)
                .orElseThrow(() -> new IOException("make bridge %s: it vanished at once".formatted(name)));
        if (there.isEmpty()) {
            route.exchange(Links.addAddress(bridge.index(), subnet.gateway(), subnet));
        }
        if (!bridge.up()) {
            route.exchange(Links.setUp(bridge.index()));
        }
        return new Bridge(name, bridge.index(), subnet, bridge.mtu());
    }

    /// Whether it still is as it was made.
    boolean isWhole(HostNetwork host) {
        return host.link(name)
                        .filter(link -> link.index() == index && link.up())
                        .isPresent()
                && host.addresses().contains(new Links.Address(index, subnet.gateway(), subnet.prefix()));
    }

    /// Whether a change is one of the bridge, of what is on it, or of the host as a whole.
    boolean isTouchedBy(Links.Change change) {
        return change.link() == index
                || change.master() == index
                || change.name().equals(name)
                || change.link() == Links.Change.EVERY_LINK;
    }

    /// Whether a change leaves an interface as it should be: on the bridge, and up.
    boolean keeps(Links.Change change) {
        return change.isUp() && change.master() == index;
    }

    /// Removes an interface; nothing happens if there is none of that name.
    static void removeLink(NetlinkSocket route, String name) throws IOException {
        try {
            route.exchange(Links.removeLink(name));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    /// The interface of that name.
    static Optional<Links.Link> find(NetlinkSocket route, String name) throws IOException {
        try {
            return route.exchange(List.of(Links.findLink(name))).stream()
                    .map(Links.Link::of)
                    .findFirst();
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
            return Optional.empty();
        }
    }
}
