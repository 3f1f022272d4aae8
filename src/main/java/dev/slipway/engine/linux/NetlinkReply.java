package dev.slipway.engine.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One object that the kernel told over netlink.
///
/// @param type of the message, for instance `RTM_NEWLINK`
/// @param body everything behind the header
public record NetlinkReply(int type, byte[] body) {
    private static final int ATTRIBUTE_HEADER_BYTES = 4;
    private static final int TYPE_MASK = 0x3fff;

    /// The byte at `offset` of the fixed part, unsigned.
    public int u8(int offset) {
        return body[offset] & 0xff;
    }

    /// The number at `offset` of the fixed part.
    public int u32(int offset) {
        return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()).getInt(offset);
    }

    /// The attributes behind a fixed part of `fixedBytes`, by their numbers.
    public Attributes attributes(int fixedBytes) {
        return Attributes.parse(body, fixedBytes);
    }

    /// One attribute: a number and what it holds.
    public record Attribute(int number, byte[] value) {}

    /// Attributes in their order; of several with one number, [#bytes] and its kin find the first.
    public record Attributes(List<Attribute> all) {
        public Attributes {
            all = List.copyOf(all);
        }

        static Attributes parse(byte[] bytes, int start) {
            List<Attribute> all = new ArrayList<>();
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
            for (int at = start; at + ATTRIBUTE_HEADER_BYTES <= bytes.length; ) {
                int length = Short.toUnsignedInt(buffer.getShort(at));
                if (length < ATTRIBUTE_HEADER_BYTES || at + length > bytes.length) {
                    throw new IllegalArgumentException("netlink attribute of impossible length " + length);
                }
                byte[] value = Arrays.copyOfRange(bytes, at + ATTRIBUTE_HEADER_BYTES, at + length);
                all.add(new Attribute(buffer.getShort(at + 2) & TYPE_MASK, value));
                at += length + 3 & ~3;
            }
            return new Attributes(all);
        }

        public Optional<byte[]> bytes(int number) {
            return all.stream()
                    .filter(attribute -> attribute.number() == number)
                    .map(Attribute::value)
                    .findFirst();
        }

        public Optional<String> text(int number) {
            return bytes(number).map(value -> new String(value, StandardCharsets.UTF_8).replace("\0", ""));
        }

        /// A number in the machine's byte order.
        public Optional<Integer> u32(int number) {
            return bytes(number).map(value -> ByteBuffer.wrap(value)
                    .order(ByteOrder.nativeOrder())
                    .getInt());
        }

        /// A number in network byte order.
        public Optional<Long> u64NetworkOrder(int number) {
            return bytes(number).map(value -> ByteBuffer.wrap(value).getLong());
        }

        /// The attributes inside an attribute; none if it is not there.
        public Attributes nested(int number) {
            return parse(bytes(number).orElse(new byte[0]), 0);
        }

        /// The attributes inside each attribute of a list.
        public List<Attributes> elements() {
            return all.stream().map(attribute -> parse(attribute.value(), 0)).toList();
        }
    }
}
