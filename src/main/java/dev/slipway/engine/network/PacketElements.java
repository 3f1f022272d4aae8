package dev.slipway.engine.network;

import dev.slipway.engine.linux.NetlinkMessage;
import dev.slipway.engine.linux.NetlinkReply;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The part of nf_tables' netlink protocol that changes mapped ports and looks at the table: messages in, records out.
/// Pure. A process of nft(8) would cost several milliseconds a pod.
///
/// Keys and values are concatenations: each part begins at a multiple of four bytes.
///
/// @spec https://wiki.nftables.org/wiki-nftables/index.php/Concatenations nftables: Concatenations
final class PacketElements {
    private static final int NFNL_SUBSYS_NFTABLES = 10;
    private static final int NFNL_MSG_BATCH_BEGIN = 0x10;
    private static final int NFNL_MSG_BATCH_END = 0x11;
    private static final int NFPROTO_IPV4 = 2;
    private static final int NFT_MSG_DELTABLE = 2;
    private static final int NFT_MSG_GETRULE = 7;
    private static final int NFT_MSG_NEWSETELEM = 12;
    private static final int NFT_MSG_GETSETELEM = 13;
    private static final int NFT_MSG_DELSETELEM = 14;
    private static final int NFT_MSG_GETOBJ = 19;
    private static final int GENERIC_BYTES = 4;
    private static final int MOST_OF_A_BATCH = 500;

    private static final int NFTA_TABLE_NAME = 1;
    private static final int NFTA_RULE_TABLE = 1;
    private static final int NFTA_RULE_CHAIN = 2;
    private static final int NFTA_RULE_HANDLE = 3;
    private static final int NFTA_SET_ELEM_LIST_TABLE = 1;
    private static final int NFTA_SET_ELEM_LIST_SET = 2;
    private static final int NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    private static final int NFTA_LIST_ELEM = 1;
    private static final int NFTA_SET_ELEM_KEY = 1;
    private static final int NFTA_SET_ELEM_DATA = 2;
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_OBJ_TABLE = 1;
    private static final int NFTA_OBJ_NAME = 2;
    private static final int NFTA_OBJ_DATA = 4;
    private static final int NFTA_COUNTER_PACKETS = 2;

    private PacketElements() {}

    /// One rule of a table: who replaces it makes another handle.
    record Rule(String chain, long handle) {}

    /// One element of a map, as bytes.
    record Element(ByteBuffer key, ByteBuffer value) {
        static Element of(PortMapping port, Ipv4 pod) {
            return new Element(ByteBuffer.wrap(keyOf(port)), ByteBuffer.wrap(valueOf(port, pod)));
        }
    }

    /// Adds mappings to a table, in batches that are all or none each.
    static List<List<NetlinkMessage>> add(String table, Ipv4 pod, List<PortMapping> ports) {
        return batches(ports, some -> elements(NFT_MSG_NEWSETELEM, table, some, port -> valueOf(port, pod)));
    }

    /// Takes mappings out of a table, in batches that are all or none each.
    static List<List<NetlinkMessage>> remove(String table, List<PortMapping> ports) {
        return batches(ports, some -> elements(NFT_MSG_DELSETELEM, table, some, port -> new byte[0]));
    }

    /// A message has one map, and a batch no more than fits into a packet to the kernel.
    private static List<List<NetlinkMessage>> batches(
            List<PortMapping> ports, Function<List<PortMapping>, NetlinkMessage> message) {
        List<List<NetlinkMessage>> batches = new ArrayList<>();
        ports.stream()
                .collect(Collectors.partitioningBy(PacketRules::isOfOneAddress))
                .values()
                .forEach(alike -> {
                    for (int i = 0; i < alike.size(); i += MOST_OF_A_BATCH) {
                        batches.add(batch(
                                List.of(message.apply(alike.subList(i, Math.min(i + MOST_OF_A_BATCH, alike.size()))))));
                    }
                });
        return batches;
    }

    static List<NetlinkMessage> removeTable(String table) {
        return batch(List.of(message(NFT_MSG_DELTABLE, NetlinkMessage.ACK, "remove table " + table)
                .attribute(NFTA_TABLE_NAME, table)));
    }

    static NetlinkMessage rules(String table) {
        return message(NFT_MSG_GETRULE, NetlinkMessage.DUMP, "list rules of " + table)
                .attribute(NFTA_RULE_TABLE, table);
    }

    static Set<Rule> rules(List<NetlinkReply> replies) {
        Set<Rule> rules = new HashSet<>();
        for (NetlinkReply reply : replies) {
            NetlinkReply.Attributes attributes = reply.attributes(GENERIC_BYTES);
            rules.add(new Rule(
                    attributes.text(NFTA_RULE_CHAIN).orElse(""),
                    attributes.u64NetworkOrder(NFTA_RULE_HANDLE).orElse(0L)));
        }
        return rules;
    }

    static NetlinkMessage elements(String table, String map) {
        return message(NFT_MSG_GETSETELEM, NetlinkMessage.DUMP, "list elements of " + map)
                .attribute(NFTA_SET_ELEM_LIST_TABLE, table)
                .attribute(NFTA_SET_ELEM_LIST_SET, map);
    }

    static Set<Element> elements(List<NetlinkReply> replies) {
        Set<Element> elements = new HashSet<>();
        for (NetlinkReply reply : replies) {
            reply.attributes(GENERIC_BYTES)
                    .nested(NFTA_SET_ELEM_LIST_ELEMENTS)
                    .elements()
                    .forEach(element -> elements.add(
                            new Element(bytes(element, NFTA_SET_ELEM_KEY), bytes(element, NFTA_SET_ELEM_DATA))));
        }
        return elements;
    }

    static NetlinkMessage counters(String table) {
        return message(NFT_MSG_GETOBJ, NetlinkMessage.DUMP, "list counters of " + table)
                .attribute(NFTA_OBJ_TABLE, table);
    }

    /// How many packets each has counted, by its name.
    static Map<String, Long> counters(List<NetlinkReply> replies) {
        return replies.stream()
                .map(reply -> reply.attributes(GENERIC_BYTES))
                .collect(Collectors.toMap(
                        counter -> counter.text(NFTA_OBJ_NAME).orElse(""), counter -> counter.nested(NFTA_OBJ_DATA)
                                .u64NetworkOrder(NFTA_COUNTER_PACKETS)
                                .orElse(0L)));
    }

    private static ByteBuffer bytes(NetlinkReply.Attributes element, int number) {
        return ByteBuffer.wrap(element.nested(number).bytes(NFTA_DATA_VALUE).orElse(new byte[0]));
    }

    /// @param ports of one map
    private static NetlinkMessage elements(
            int type, String table, List<PortMapping> ports, Function<PortMapping, byte[]> value) {
        PortMapping first = ports.getFirst();
        return message(
                        type,
                        NetlinkMessage.ACK | NetlinkMessage.CREATE,
                        "%s port %s".formatted(type == NFT_MSG_NEWSETELEM ? "map" : "unmap", first))
                .attribute(NFTA_SET_ELEM_LIST_TABLE, table)
                .attribute(
                        NFTA_SET_ELEM_LIST_SET,
                        PacketRules.isOfOneAddress(first) ? PacketRules.ADDRESS_PORTS : PacketRules.PORTS)
                .nested(
                        NFTA_SET_ELEM_LIST_ELEMENTS,
                        list -> ports.forEach(port -> list.nested(
                                NFTA_LIST_ELEM, element -> element(element, keyOf(port), value.apply(port)))));
    }

    private static void element(NetlinkMessage element, byte[] key, byte[] value) {
        element.nested(NFTA_SET_ELEM_KEY, part -> part.attribute(NFTA_DATA_VALUE, key));
        if (value.length > 0) {
            element.nested(NFTA_SET_ELEM_DATA, part -> part.attribute(NFTA_DATA_VALUE, value));
        }
    }

    private static byte[] keyOf(PortMapping port) {
        boolean ofOneAddress = PacketRules.isOfOneAddress(port);
        ByteBuffer key = ByteBuffer.allocate(ofOneAddress ? 12 : 8);
        if (ofOneAddress) {
            key.put(port.hostAddress().bytes());
        }
        return key.put((byte) port.protocol().number())
                .put(new byte[3])
                .putShort((short) port.hostPort())
                .array();
    }

    private static byte[] valueOf(PortMapping port, Ipv4 pod) {
        return ByteBuffer.allocate(8)
                .put(pod.bytes())
                .putShort((short) port.podPort())
                .array();
    }

    private static List<NetlinkMessage> batch(List<NetlinkMessage> messages) {
        List<NetlinkMessage> batch = new ArrayList<>();
        batch.add(frame(NFNL_MSG_BATCH_BEGIN));
        batch.addAll(messages);
        batch.add(frame(NFNL_MSG_BATCH_END));
        return batch;
    }

    private static NetlinkMessage frame(int type) {
        return new NetlinkMessage(type, 0, "change packet rules").u8(0).u8(0).u16NetworkOrder(NFNL_SUBSYS_NFTABLES);
    }

    private static NetlinkMessage message(int type, int flags, String words) {
        return new NetlinkMessage(NFNL_SUBSYS_NFTABLES << 8 | type, flags, words)
                .u8(NFPROTO_IPV4)
                .u8(0)
                .u16NetworkOrder(0);
    }
}
