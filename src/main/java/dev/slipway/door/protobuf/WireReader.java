package dev.slipway.door.protobuf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Walks the fields of one protobuf message: call [#next] until it is false, then exactly one of the value methods
/// for each field. Reads only inside its own slice of the bytes.
///
/// @spec https://protobuf.dev/programming-guides/encoding/ Protocol Buffers: Encoding
final class WireReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private final byte[] buffer;
    private final int end;
    private int position;
    private int field;
    private int wireType;

    WireReader(byte[] buffer) {
        this(buffer, 0, buffer.length);
    }

    private WireReader(byte[] buffer, int start, int end) {
        this.buffer = buffer;
        this.position = start;
        this.end = end;
    }

    /// Moves to the next field; false at the end of the message.
    boolean next() throws MalformedProtobufException {
        if (position == end) {
            return false;
        }
        long tag = rawVarint();
        field = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        if (field <= 0 || tag >>> 32 != 0) {
            throw new MalformedProtobufException("field number " + (tag >>> 3) + " is out of range");
        }
        return true;
    }

    int field() {
        return field;
    }

    long varint() throws MalformedProtobufException {
        expect(VARINT);
        return rawVarint();
    }

    double float64() throws MalformedProtobufException {
        expect(FIXED64);
        return Double.longBitsToDouble(little(8));
    }

    byte[] bytes() throws MalformedProtobufException {
        int start = slice();
        return Arrays.copyOfRange(buffer, start, position);
    }

    String string() throws MalformedProtobufException {
        int start = slice();
        return new String(buffer, start, position - start, StandardCharsets.UTF_8);
    }

    /// A reader of the message in this field.
    WireReader message() throws MalformedProtobufException {
        int start = slice();
        return new WireReader(buffer, start, position);
    }

    void skip() throws MalformedProtobufException {
        switch (wireType) {
            case VARINT -> rawVarint();
            case FIXED64 -> little(8);
            case BYTES -> slice();
            case FIXED32 -> little(4);
            default -> throw new MalformedProtobufException("wire type " + wireType + " is not in use");
        }
    }

    private int slice() throws MalformedProtobufException {
        expect(BYTES);
        long length = rawVarint();
        if (length < 0 || length > end - position) {
            throw new MalformedProtobufException("field " + field + " is longer than its message");
        }
        int start = position;
        position += (int) length;
        return start;
    }

    private void expect(int expected) throws MalformedProtobufException {
        if (wireType != expected) {
            throw new MalformedProtobufException(
                    "field " + field + " has wire type " + wireType + ", expected " + expected);
        }
    }

    private long rawVarint() throws MalformedProtobufException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = octet();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedProtobufException("a number is longer than 10 bytes");
    }

    private long little(int size) throws MalformedProtobufException {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (octet() & 0xffL) << 8 * i;
        }
        return value;
    }

    private byte octet() throws MalformedProtobufException {
        if (position == end) {
            throw new MalformedProtobufException("the message ends inside a field");
        }
        return buffer[position++];
    }
}
