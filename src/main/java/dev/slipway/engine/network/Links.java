package dev.slipway.engine.network;

import dev.slipway.engine.linux.NetlinkMessage;
import dev.slipway.engine.linux.NetlinkReply;
import java.util.Optional;

/// The part of rtnetlink that makes pod networks: requests as messages, answers as records. Pure.
///
/// @spec https://man7.org/linux/man-pages/man7/rtnetlink.7.html rtnetlink(7)
final class Links {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_SETLINK = 19;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;
    private static final int RTM_NEWNETCONF = 80;
    private static final int RTM_DELNETCONF = 81;

    private static final int AF_INET = 2;
    private static final int AF_BRIDGE = 7;
    private static final int IFF_UP = 1;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_PROTINFO = 12;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFLA_BRPORT_MODE = 4;
    private static final int LINK_BYTES = 16;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int ADDRESS_BYTES = 8;

    private static final int NETCONFA_IFINDEX = 1;
    private static final int NETCONF_BYTES = 4;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PREFSRC = 7;
    private static final int ROUTE_BYTES = 12;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_BOOT = 3;
    private static final int RTN_UNICAST = 1;

    private static final int MAKE = NetlinkMessage.ACK | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;

    /// The loopback interface is the first of every namespace.
    static final int LOOPBACK = 1;

    private Links() {}

    /// One interface.
    ///
    /// @param master index of the bridge that it is a port of, 0 for none
    record Link(int index, String name, boolean up, int mtu, int master) {
        static Link of(NetlinkReply reply) {
            NetlinkReply.Attributes attributes = reply.attributes(LINK_BYTES);
            return new Link(
                    reply.u32(4),
                    attributes.text(IFLA_IFNAME).orElse(""),
                    (reply.u32(8) & IFF_UP) != 0,
                    attributes.u32(IFLA_MTU).orElse(0),
                    attributes.u32(IFLA_MASTER).orElse(0));
        }
    }

    /// What the kernel tells has changed: an interface, an address of one, or a parameter.
    ///
    /// @param link index of the interface, [#EVERY_LINK] if it is none alone
    /// @param name empty if it is not the interface itself
    /// @param master index of the bridge that it is a port of, or has just left; 0 for none
    /// @param isUp it is an interface that is there, and up
    record Change(int link, String name, int master, boolean isUp) {
        static final int EVERY_LINK = -1;

        static Change of(NetlinkReply reply) {
            return switch (reply.type()) {
                case RTM_NEWLINK, RTM_DELLINK -> {
                    Link link = Link.of(reply);
                    yield new Change(
                            link.index(), link.name(), link.master(), reply.type() == RTM_NEWLINK && link.up());
                }
                case RTM_NEWADDR, RTM_DELADDR -> new Change(reply.u32(4), "", 0, false);
                case RTM_NEWNETCONF, RTM_DELNETCONF ->
                    new Change(
                            reply.attributes(NETCONF_BYTES)
                                    .u32(NETCONFA_IFINDEX)
                                    .orElse(EVERY_LINK),
                            "",
                            0,
                            false);
                default -> new Change(EVERY_LINK, "", 0, false);
            };
        }
    }

    /// One IPv4 address of an interface.
    record Address(int link, Ipv4 local, int prefix) {
        static Address of(NetlinkReply reply) {
            return new Address(
                    reply.u32(4),
                    reply.attributes(ADDRESS_BYTES)
                            .bytes(IFA_LOCAL)
                            .map(Ipv4::of)
                            .orElse(Ipv4.ANY),
                    reply.u8(1));
        }

        Subnet subnet() {
            return new Subnet(local, prefix);
        }
    }

    /// One IPv4 route of the main table.
    ///
    /// @param link that it leaves through, 0 where it has several
    /// @param source address that the host speaks with on it
    record Route(Subnet destination, int link, Optional<Ipv4> source) {
        static Optional<Route> of(NetlinkReply reply) {
            NetlinkReply.Attributes attributes = reply.attributes(ROUTE_BYTES);
            if (reply.u8(4) != RT_TABLE_MAIN) {
                return Optional.empty();
            }
            Ipv4 base = attributes.bytes(RTA_DST).map(Ipv4::of).orElse(Ipv4.ANY);
            return Optional.of(new Route(
                    new Subnet(base, reply.u8(1)),
                    attributes.u32(RTA_OIF).orElse(0),
                    attributes.bytes(RTA_PREFSRC).map(Ipv4::of)));
        }

        boolean isDefault() {
            return destination.prefix() == 0;
        }
    }

    static NetlinkMessage allLinks() {
        return link(new NetlinkMessage(RTM_GETLINK, NetlinkMessage.DUMP, "list interfaces"), 0);
    }

    static NetlinkMessage findLink(String name) {
        return link(new NetlinkMessage(RTM_GETLINK, NetlinkMessage.ACK, "find interface " + name), 0)
                .attribute(IFLA_IFNAME, name);
    }

    static NetlinkMessage allAddresses() {
        return new NetlinkMessage(RTM_GETADDR, NetlinkMessage.DUMP, "list addresses")
                .u8(AF_INET)
                .u8(0)
                .u8(0)
                .u8(0)
                .u32(0);
    }

    static NetlinkMessage allRoutes() {
        return route(new NetlinkMessage(RTM_GETROUTE, NetlinkMessage.DUMP, "list routes"), 0, 0, 0);
    }

    /// A bridge that is up.
    static NetlinkMessage makeBridge(String name, byte[] hardwareAddress, int mtu) {
        return upLink(new NetlinkMessage(RTM_NEWLINK, MAKE, "make bridge " + name), 0)
                .attribute(IFLA_IFNAME, name)
                .attribute(IFLA_ADDRESS, hardwareAddress)
                .attribute(IFLA_MTU, mtu)
                .nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "bridge"));
    }

    /// A pair of interfaces joined like a cable: the outer one here, up and a port of a bridge, the inner one in
    /// another
    /// namespace.
    ///
    /// @param namespace descriptor of the other namespace
    record VethPair(String outer, int bridge, String inner, byte[] innerHardwareAddress, int namespace, int mtu) {
        NetlinkMessage make() {
            return upLink(new NetlinkMessage(RTM_NEWLINK, MAKE, "make interface " + outer), 0)
                    .attribute(IFLA_IFNAME, outer)
                    .attribute(IFLA_MTU, mtu)
                    .attribute(IFLA_MASTER, bridge)
                    .nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "veth")
                            .nested(IFLA_INFO_DATA, data -> data.nested(VETH_INFO_PEER, this::peer)));
        }

        private void peer(NetlinkMessage message) {
            link(message, 0)
                    .attribute(IFLA_IFNAME, inner)
                    .attribute(IFLA_ADDRESS, innerHardwareAddress)
                    .attribute(IFLA_MTU, mtu)
                    .attribute(IFLA_NET_NS_FD, namespace);
        }
    }

    static NetlinkMessage setUp(int index) {
        return upLink(new NetlinkMessage(RTM_NEWLINK, NetlinkMessage.ACK, "set up interface " + index), index);
    }

    /// Makes an interface a port of a bridge.
    static NetlinkMessage setMaster(int index, int bridge) {
        return upLink(new NetlinkMessage(RTM_NEWLINK, NetlinkMessage.ACK, "join bridge by interface " + index), index)
                .attribute(IFLA_MASTER, bridge);
    }

    /// Lets a port of a bridge send back what came in by it: a pod that reaches itself through a port of the host.
    static NetlinkMessage setHairpin(int index) {
        return new NetlinkMessage(RTM_SETLINK, NetlinkMessage.ACK, "set hairpin mode of interface " + index)
                .u8(AF_BRIDGE)
                .u8(0)
                .u16(0)
                .u32(index)
                .u32(0)
                .u32(0)
                .nested(IFLA_PROTINFO, port -> port.attribute(IFLA_BRPORT_MODE, new byte[] {1}));
    }

    static NetlinkMessage removeLink(String name) {
        return link(new NetlinkMessage(RTM_DELLINK, NetlinkMessage.ACK, "remove interface " + name), 0)
                .attribute(IFLA_IFNAME, name);
    }

    static NetlinkMessage addAddress(int index, Ipv4 address, Subnet subnet) {
        return new NetlinkMessage(RTM_NEWADDR, MAKE, "add address %s/%d".formatted(address, subnet.prefix()))
                .u8(AF_INET)
                .u8(subnet.prefix())
                .u8(0)
                .u8(0)
                .u32(index)
                .attribute(IFA_LOCAL, address.bytes())
                .attribute(IFA_ADDRESS, address.bytes())
                .attribute(IFA_BROADCAST, subnet.broadcast().bytes());
    }

    static NetlinkMessage addDefaultRoute(int index, Ipv4 gateway) {
        return route(
                        new NetlinkMessage(RTM_NEWROUTE, MAKE, "add route through " + gateway),
                        RT_TABLE_MAIN,
                        RTPROT_BOOT,
                        RTN_UNICAST)
                .attribute(RTA_GATEWAY, gateway.bytes())
                .attribute(RTA_OIF, index);
    }

    /// A locally administered hardware address that belongs to an IPv4 address, so that neighbours that remember
    /// one for an address that has a new owner are right.
    static byte[] hardwareAddress(Ipv4 address) {
        byte[] bytes = address.bytes();
        return new byte[] {0x02, 0x53, bytes[0], bytes[1], bytes[2], bytes[3]};
    }

    private static NetlinkMessage link(NetlinkMessage message, int index) {
        return message.u8(0).u8(0).u16(0).u32(index).u32(0).u32(0);
    }

    private static NetlinkMessage upLink(NetlinkMessage message, int index) {
        return message.u8(0).u8(0).u16(0).u32(index).u32(IFF_UP).u32(IFF_UP);
    }

    private static NetlinkMessage route(NetlinkMessage message, int table, int protocol, int type) {
        return message.u8(AF_INET)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(table)
                .u8(protocol)
                .u8(0)
                .u8(type)
                .u32(0);
    }
}
