package dev.slipway.engine.linux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// A request to the kernel over netlink, built front to back: the fixed part that its type has, then attributes.
/// Numbers are in the machine's byte order unless the method says otherwise.
///
/// @spec https://man7.org/linux/man-pages/man7/netlink.7.html netlink(7)
public final class NetlinkMessage {
    public static final int REQUEST = 0x1;
    public static final int ACK = 0x4;
    public static final int EXCLUSIVE = 0x200;
    public static final int CREATE = 0x400;
    public static final int APPEND = 0x800;
    /// Asks for all objects; the answer comes in many replies.
    public static final int DUMP = 0x300;

    static final int HEADER_BYTES = 16;
    private static final int ATTRIBUTE_HEADER_BYTES = 4;
    private static final int ALIGNMENT = 4;
    private static final int NESTED = 0x8000;

    private final int type;
    private final int flags;
    private final String words;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /// @param flags of this class; REQUEST is always added
    /// @param words what it does, for people: `add address 10.88.0.5/16`
    public NetlinkMessage(int type, int flags, String words) {
        this.type = type;
        this.flags = flags | REQUEST;
        this.words = words;
    }

    public NetlinkMessage u8(int value) {
        body.write(value);
        return this;
    }

    public NetlinkMessage u16(int value) {
        return bytes(ByteBuffer.allocate(2)
                .order(ByteOrder.nativeOrder())
                .putShort((short) value)
                .array());
    }

    public NetlinkMessage u32(int value) {
        return bytes(ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array());
    }

    /// A number in network byte order, as nfnetlink has them.
    public NetlinkMessage u16NetworkOrder(int value) {
        return u8(value >> 8).u8(value);
    }

    public NetlinkMessage bytes(byte[] value) {
        body.writeBytes(value);
        return this;
    }

    public NetlinkMessage attribute(int attribute, byte[] value) {
        u16(ATTRIBUTE_HEADER_BYTES + value.length).u16(attribute).bytes(value);
        return pad();
    }

    public NetlinkMessage attribute(int attribute, int value) {
        return attribute(
                attribute,
                ByteBuffer.allocate(4)
                        .order(ByteOrder.nativeOrder())
                        .putInt(value)
                        .array());
    }

    /// Text with a NUL behind it.
    public NetlinkMessage attribute(int attribute, String value) {
        return attribute(attribute, (value + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /// An attribute whose value is what `content` appends: attributes, or a fixed part and attributes.
    public NetlinkMessage nested(int attribute, Consumer<NetlinkMessage> content) {
        NetlinkMessage inner = new NetlinkMessage(0, 0, words);
        content.accept(inner);
        return attribute(attribute | NESTED, inner.body.toByteArray());
    }

    private NetlinkMessage pad() {
        while (body.size() % ALIGNMENT != 0) {
            body.write(0);
        }
        return this;
    }

    boolean wantsAnswer() {
        return (flags & ACK) != 0 || (flags & DUMP) == DUMP;
    }

    /// The whole message as it travels.
    byte[] encode(int sequence) {
        pad();
        return ByteBuffer.allocate(HEADER_BYTES + body.size())
                .order(ByteOrder.nativeOrder())
                .putInt(HEADER_BYTES + body.size())
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0)
                .put(body.toByteArray())
                .array();
    }

    /// The words it was given.
    @Override
    public String toString() {
        return words;
    }
}
