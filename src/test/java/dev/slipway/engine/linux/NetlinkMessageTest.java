package dev.slipway.engine.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Bytes on a little-endian machine, which all that Slipway runs on are.
class NetlinkMessageTest {
    @Test
    void a_message_has_a_header_a_fixed_part_and_padded_attributes() {
        NetlinkMessage message = new NetlinkMessage(16, NetlinkMessage.ACK, "make it")
                .u8(2)
                .u8(0)
                .u16(1)
                .attribute(3, "lo")
                .attribute(4, 1500);

        assertEquals(
                "24000000" + "1000" + "0500" + "07000000" + "00000000" // length, type, flags, sequence, port
                        + "02000100" // fixed part
                        + "0700" + "0300" + "6c6f0000" // "lo", NUL and one byte to the next multiple of four
                        + "0800" + "0400" + "dc050000",
                hex(message.encode(7)));
    }

    @Test
    void a_nested_attribute_is_marked_and_counts_its_content() {
        NetlinkMessage message = new NetlinkMessage(1, 0, "nest it").nested(2, inner -> inner.attribute(1, 5));

        assertEquals(
                "0c00" + "0280" + "0800" + "0100" + "05000000",
                hex(message.encode(0)).substring(32));
    }

    @Test
    void what_was_written_is_read_back() {
        byte[] bytes = new NetlinkMessage(1, 0, "read it")
                .u32(9)
                .attribute(1, "name")
                .nested(2, list -> list.nested(1, one -> one.attribute(7, 70)).nested(1, two -> two.attribute(7, 71)))
                .encode(0);
        NetlinkReply reply = new NetlinkReply(1, Arrays.copyOfRange(bytes, NetlinkMessage.HEADER_BYTES, bytes.length));

        NetlinkReply.Attributes attributes = reply.attributes(4);

        assertEquals(9, reply.u32(0));
        assertEquals(Optional.of("name"), attributes.text(1));
        assertEquals(Optional.of(71), attributes.nested(2).elements().getLast().u32(7));
        assertEquals(Optional.empty(), attributes.text(3));
        assertEquals(0, attributes.nested(3).all().size());
    }

    @Test
    void numbers_of_netfilter_are_in_network_order() {
        NetlinkReply reply = new NetlinkReply(1, HexFormat.of().parseHex("0c0003000000000000000102"));

        assertEquals(Optional.of(0x102L), reply.attributes(0).u64NetworkOrder(3));
        assertArrayEquals(
                new byte[] {0, 10},
                Arrays.copyOfRange(
                        new NetlinkMessage(1, 0, "").u16NetworkOrder(10).encode(0), 16, 18));
    }

    @Test
    void an_attribute_that_is_longer_than_its_message_is_refused() {
        NetlinkReply reply = new NetlinkReply(1, HexFormat.of().parseHex("ff00030000000000"));

        assertThrows(IllegalArgumentException.class, () -> reply.attributes(0));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
