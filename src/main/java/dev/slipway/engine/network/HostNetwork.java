package dev.slipway.engine.network;

import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What the host's network looks like at one moment.
record HostNetwork(List<Links.Link> links, List<Links.Address> addresses, List<Links.Route> routes) {
    private static final int USUAL_MTU = 1500;
    private static final int POD_PREFIX = 16;
    private static final int FIRST_CANDIDATE = 88;
    private static final int LAST_CANDIDATE = 127;
    private static final Ipv4 LOOPBACK = Ipv4.parse("127.0.0.1");

    HostNetwork {
        links = List.copyOf(links);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    static HostNetwork read(NetlinkSocket route) throws IOException {
        return new HostNetwork(
                route.exchange(Links.allLinks()).stream().map(Links.Link::of).toList(),
                route.exchange(Links.allAddresses()).stream()
                        .map(Links.Address::of)
                        .toList(),
                route.exchange(Links.allRoutes()).stream()
                        .map(Links.Route::of)
                        .flatMap(Optional::stream)
                        .toList());
    }

    Optional<Links.Link> link(String name) {
        return links.stream().filter(link -> link.name().equals(name)).findFirst();
    }

    Optional<Links.Address> addressOf(int link) {
        return addresses.stream().filter(address -> address.link() == link).findFirst();
    }

    /// How large a packet to the outside may be: as the interface of the default route says, else the usual.
    int mtu() {
        return uplink().map(Links.Link::mtu).orElse(USUAL_MTU);
    }

    /// The address that the host speaks with to the outside, else that of any interface, else the loopback one.
    Ipv4 ownAddress(String exceptLink) {
        Optional<Ipv4> preferred = routes.stream()
                .filter(Links.Route::isDefault)
                .flatMap(route -> route.source().stream())
                .findFirst();
        int except = link(exceptLink).map(Links.Link::index).orElse(0);
        return preferred
                .or(() -> uplink().flatMap(link -> addressOf(link.index())).map(Links.Address::local))
                .or(() -> addresses.stream()
                        .filter(address -> address.link() != Links.LOOPBACK && address.link() != except)
                        .map(Links.Address::local)
                        .findFirst())
                .orElse(LOOPBACK);
    }

    /// The first of 10.88.0.0/16 to 10.127.0.0/16 that the host has no route into; where a wide route, say of a VPN
    /// to
    /// 10.0.0.0/8, covers all of them, the first that no route as narrow as itself goes to.
    ///
    /// @param preferred looked at before all others
    /// @param start which candidate to begin with; after the last comes the first
    Subnet freeSubnet(Optional<Subnet> preferred, int start) throws IOException {
        return Stream.concat(preferred.stream(), candidates(start))
                .filter(candidate -> isFree(candidate, 2))
                .findFirst()
                .or(() -> Stream.concat(preferred.stream(), candidates(start))
                        .filter(candidate -> isFree(candidate, POD_PREFIX))
                        .findFirst())
                .orElseThrow(() -> new IOException(
                        "choose a subnet for pods: the host has routes into all of 10.88.0.0/16 to 10.127.0.0/16;"
                                + " set one with SLIPWAY_SUBNET"));
    }

    private boolean isFree(Subnet candidate, int leastPrefix) {
        return Stream.concat(
                        routes.stream().map(Links.Route::destination),
                        addresses.stream().map(Links.Address::subnet))
                .filter(used -> used.prefix() >= leastPrefix)
                .noneMatch(used -> used.overlaps(candidate));
    }

    /// Whether another interface is in a subnet, too.
    boolean hasOther(int link, Subnet subnet) {
        return addresses.stream()
                .filter(address -> address.link() != link && address.subnet().prefix() >= POD_PREFIX)
                .anyMatch(address -> address.subnet().overlaps(subnet));
    }

    private static Stream<Subnet> candidates(int start) {
        return IntStream.rangeClosed(FIRST_CANDIDATE, LAST_CANDIDATE)
                .map(second -> FIRST_CANDIDATE
                        + Math.floorMod(second - FIRST_CANDIDATE + start, LAST_CANDIDATE - FIRST_CANDIDATE + 1))
                .mapToObj(second -> new Subnet(new Ipv4(10 << 24 | second << 16), POD_PREFIX));
    }

    private Optional<Links.Link> uplink() {
        return routes.stream()
                .filter(Links.Route::isDefault)
                .flatMap(route -> links.stream().filter(link -> link.index() == route.link()))
                .findFirst();
    }
}
