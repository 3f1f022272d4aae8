package dev.slipway.engine.network;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.NetlinkMessage;
import dev.slipway.engine.linux.NetlinkReply;
import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What the kernel remembers of datagrams. It translates those of one sender as it did the first, whatever the packet
/// rules say by now, and forgets that only when none has come for a while: who sends from one port all the time, as
/// resolvers and loggers do, would be led to a pod that is gone for ever. Of streams there is nothing to forget: their
/// ends are told.
///
/// @param netfilter to speak with connection tracking
/// @param route to ask for the addresses of the host
/// @spec https://www.netfilter.org/projects/libnetfilter_conntrack/ libnetfilter_conntrack
record DatagramFlows(NetlinkSocket netfilter, NetlinkSocket route) {
    private static final int NFNL_SUBSYS_CTNETLINK = 1;
    private static final int IPCTNL_MSG_CT_GET = 1;
    private static final int IPCTNL_MSG_CT_DELETE = 2;
    private static final int NFPROTO_IPV4 = 2;
    private static final int GENERIC_BYTES = 4;

    private static final int CTA_TUPLE_ORIG = 1;
    private static final int CTA_TUPLE_REPLY = 2;
    private static final int CTA_ID = 12;
    private static final int CTA_FILTER = 25;
    private static final int CTA_TUPLE_IP = 1;
    private static final int CTA_TUPLE_PROTO = 2;
    private static final int CTA_IP_V4_SRC = 1;
    private static final int CTA_IP_V4_DST = 2;
    private static final int CTA_PROTO_NUM = 1;
    private static final int CTA_PROTO_DST_PORT = 3;
    private static final int CTA_FILTER_F_CTA_IP_SRC = 1;
    private static final int CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;
    private static final int CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5;
    private static final int FIRST_OF_LOOPBACK = 127;

    /// One sender, and whom it is led to.
    ///
    /// @param asked where the sender sends to, and `port` there
    /// @param answerer who gets it
    private record Flow(byte[] original, byte[] id, int protocol, Ipv4 asked, int port, Ipv4 answerer) {
        static Flow of(NetlinkReply reply) {
            NetlinkReply.Attributes attributes = reply.attributes(GENERIC_BYTES);
            return new Flow(
                    attributes.bytes(CTA_TUPLE_ORIG).orElse(new byte[0]),
                    attributes.bytes(CTA_ID).orElse(new byte[0]),
                    protocol(attributes.nested(CTA_TUPLE_ORIG)),
                    address(attributes.nested(CTA_TUPLE_ORIG), CTA_IP_V4_DST),
                    port(attributes.nested(CTA_TUPLE_ORIG)),
                    address(attributes.nested(CTA_TUPLE_REPLY), CTA_IP_V4_SRC));
        }

        private static int protocol(NetlinkReply.Attributes tuple) {
            return tuple.nested(CTA_TUPLE_PROTO)
                    .bytes(CTA_PROTO_NUM)
                    .map(bytes -> Byte.toUnsignedInt(bytes[0]))
                    .orElse(0);
        }

        private static int port(NetlinkReply.Attributes tuple) {
            return tuple.nested(CTA_TUPLE_PROTO)
                    .bytes(CTA_PROTO_DST_PORT)
                    .map(bytes -> Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort()))
                    .orElse(0);
        }

        private static Ipv4 address(NetlinkReply.Attributes tuple, int which) {
            return tuple.nested(CTA_TUPLE_IP).bytes(which).map(Ipv4::of).orElse(Ipv4.ANY);
        }
    }

    /// Forgets what leads to a pod.
    void forget(Ipv4 pod) throws IOException {
        forget(
                list(CTA_TUPLE_REPLY, CTA_FILTER_F_CTA_IP_SRC | CTA_FILTER_F_CTA_PROTO_NUM, tuple -> tuple.nested(
                                CTA_TUPLE_IP, address -> address.attribute(CTA_IP_V4_SRC, pod.bytes()))
                        .nested(CTA_TUPLE_PROTO, DatagramFlows::protocol)),
                flow -> flow.answerer().equals(pod));
    }

    /// Forgets what comes to mapped ports and leads elsewhere than to the pod, as it did before they were mapped.
    ///
    /// @param ports those of other protocols are passed over
    void lead(List<PortMapping> ports, Ipv4 pod) throws IOException {
        Map<Integer, List<PortMapping>> mapped = ports.stream()
                .filter(port -> port.protocol() == PortMapping.Protocol.UDP)
                .collect(Collectors.groupingBy(PortMapping::hostPort));
        List<Flow> others = mapped.isEmpty()
                ? List.of()
                : listTo(mapped.keySet()).stream()
                        .filter(flow -> !flow.answerer().equals(pod))
                        .toList();
        if (!others.isEmpty()) {
            Set<Ipv4> ours = addresses();
            forget(others, flow -> mapped.getOrDefault(flow.port(), List.of()).stream()
                    .anyMatch(port -> port.hostAddress().equals(Ipv4.ANY)
                            ? ours.contains(flow.asked()) || flow.asked().bytes()[0] == FIRST_OF_LOOPBACK
                            : port.hostAddress().equals(flow.asked())));
        }
    }

    /// To any of these ports, and where there are several perhaps to others: to ask for each takes longer.
    private List<Flow> listTo(Set<Integer> ports) throws LinuxException {
        if (ports.size() > 1) {
            return list(
                    CTA_TUPLE_ORIG,
                    CTA_FILTER_F_CTA_PROTO_NUM,
                    tuple -> tuple.nested(CTA_TUPLE_PROTO, DatagramFlows::protocol));
        }
        byte[] port = ByteBuffer.allocate(2)
                .putShort(ports.iterator().next().shortValue())
                .array();
        return list(
                CTA_TUPLE_ORIG,
                CTA_FILTER_F_CTA_PROTO_NUM | CTA_FILTER_F_CTA_PROTO_DST_PORT,
                tuple -> tuple.nested(
                        CTA_TUPLE_PROTO, protocol -> protocol(protocol).attribute(CTA_PROTO_DST_PORT, port)));
    }

    private Set<Ipv4> addresses() throws IOException {
        return route.exchange(Links.allAddresses()).stream()
                .map(reply -> Links.Address.of(reply).local())
                .collect(Collectors.toSet());
    }

    /// Kernels before 5.8 know no filters of these and list all that they remember: so each is looked at once more.
    private List<Flow> list(int tuple, int flags, Consumer<NetlinkMessage> content) throws LinuxException {
        NetlinkMessage wanted = message(IPCTNL_MSG_CT_GET, NetlinkMessage.DUMP, "list flows of datagrams")
                .nested(tuple, content)
                .nested(CTA_FILTER, filter -> filter.attribute(tuple, flags));
        return netfilter.exchange(wanted).stream()
                .map(Flow::of)
                .filter(flow -> flow.protocol() == PortMapping.Protocol.UDP.number())
                .toList();
    }

    /// One at a time: a sender may have any number, and the answers to all at once would not fit.
    private void forget(List<Flow> flows, Predicate<Flow> isStale) throws LinuxException {
        for (Flow flow : flows.stream().filter(isStale).toList()) {
            try {
                netfilter.exchange(
                        message(IPCTNL_MSG_CT_DELETE, NetlinkMessage.ACK, "forget a flow to " + flow.answerer())
                                .nested(CTA_TUPLE_ORIG, tuple -> tuple.bytes(flow.original()))
                                .attribute(CTA_ID, flow.id()));
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
    }

    private static NetlinkMessage protocol(NetlinkMessage message) {
        return message.attribute(CTA_PROTO_NUM, new byte[] {(byte) PortMapping.Protocol.UDP.number()});
    }

    private static NetlinkMessage message(int type, int flags, String words) {
        return new NetlinkMessage(NFNL_SUBSYS_CTNETLINK << 8 | type, flags, words)
                .u8(NFPROTO_IPV4)
                .u8(0)
                .u16NetworkOrder(0);
    }
}
