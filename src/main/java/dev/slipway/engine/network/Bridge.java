package dev.slipway.engine.network;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;

/// The engine's bridge, up and with the address that pods use as their gateway.
///
/// @param mtu of the bridge and of everything on it
record Bridge(String name, int index, Subnet subnet, int mtu) {
    private static final int MOST_TRIES = 20;
    private static final Logger LOG = Logger.getLogger(Bridge.class);

    /// Makes the bridge as the settings say, or takes the one that is there with the address it has, and notes which
    /// subnet was chosen.
    ///
    /// @throws IOException also when an interface of that name is none of ours
    static Bridge ensure(NetlinkSocket route, NetworkSettings settings) throws IOException {
        if (settings.subnet().isPresent()) {
            return ensure(route, settings.bridge(), settings.subnet(), Optional.empty());
        }
        Optional<Subnet> last = lastSubnet(settings.lastSubnet());
        Bridge bridge = ensure(route, settings.bridge(), Optional.empty(), last);
        if (!last.equals(Optional.of(bridge.subnet()))) {
            Files.createDirectories(
                    settings.lastSubnet().toAbsolutePath().getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            AtomicFile.write(settings.lastSubnet(), (bridge.subnet() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return bridge;
    }

    /// What somebody has made of the file keeps no engine from starting.
    private static Optional<Subnet> lastSubnet(Path file) throws IOException {
        try {
            return Optional.of(Subnet.parse(
                            Files.readString(file, StandardCharsets.ISO_8859_1).strip()))
                    .filter(NetworkSettings::hasRoom);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            LOG.warnf("last subnet is not known any more file=%s reason=\"%s\"", file, e.getMessage());
            return Optional.empty();
        }
    }

    /// @param wanted empty for what is there, else for a free one
    /// @param last the free one that is preferred
    static Bridge ensure(NetlinkSocket route, String name, Optional<Subnet> wanted, Optional<Subnet> last)
            throws IOException {
        HostNetwork host = HostNetwork.read(route);
        Optional<Subnet> there =
                host.link(name).flatMap(found -> host.addressOf(found.index())).map(Links.Address::subnet);
        Optional<Subnet> known = wanted.or(() -> there);
        return known.isPresent() ? make(route, host, name, known.get(), there) : makeOnFreeSubnet(route, name, last);
    }

    /// Another engine of the host may look for one at the same moment: who sees that both have taken the same leaves
    /// it, and looks from elsewhere on.
    private static Bridge makeOnFreeSubnet(NetlinkSocket route, String name, Optional<Subnet> last) throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            HostNetwork host = HostNetwork.read(route);
            Subnet subnet = tries == 0
                    ? host.freeSubnet(last, 0)
                    : host.freeSubnet(Optional.empty(), Objects.hash(name, tries));
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
