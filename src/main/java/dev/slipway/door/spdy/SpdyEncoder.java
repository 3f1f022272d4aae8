package dev.slipway.door.spdy;

import java.nio.ByteBuffer;
import java.util.Map;

/// Writes frames. The frames that [#reply] gives have to be sent in the order in which they were made; used by one
/// thread at a time.
public final class SpdyEncoder implements AutoCloseable {
    /// What lies in front of the bytes of a data frame.
    public static final int DATA_HEADER_BYTES = 8;

    private static final int CONTROL = 0x80030000;
    private static final int SYN_REPLY = 2;
    private static final int RST_STREAM = 3;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 9;
    private static final int LAST = 0x01000000;

    private final HeaderBlocks blocks = new HeaderBlocks();

    /// Why a stream is given up.
    public enum ResetReason {
        REFUSED(3),
        CANCELLED(5),
        INTERNAL_ERROR(6);

        private final int code;

        ResetReason(int code) {
            this.code = code;
        }
    }

    /// Fills the header of a data frame in.
    ///
    /// @param frame whose first [#DATA_HEADER_BYTES] bytes are free, with `count` bytes behind them
    /// @param last whether this half of the stream ends with it
    public static void putDataHeader(byte[] frame, int stream, int count, boolean last) {
        ByteBuffer.wrap(frame).putInt(stream).putInt(count | (last ? LAST : 0));
    }

    /// Ends our half of a stream.
    public static byte[] end(int stream) {
        byte[] frame = new byte[DATA_HEADER_BYTES];
        putDataHeader(frame, stream, 0, true);
        return frame;
    }

    /// Accepts a stream.
    ///
    /// @param headers at least one: Go's `spdystream` drops a connection on which it sees an empty block
    public byte[] reply(int stream, Map<String, String> headers) {
        byte[] block = blocks.write(headers);
        return control(SYN_REPLY, 4 + block.length).putInt(stream).put(block).array();
    }

    public static byte[] reset(int stream, ResetReason reason) {
        return control(RST_STREAM, 8).putInt(stream).putInt(reason.code).array();
    }

    public static byte[] ping(int id) {
        return control(PING, 4).putInt(id).array();
    }

    /// Lets the other side send `count` more bytes, on the stream and on the connection.
    public static byte[] openWindows(int stream, int count) {
        return ByteBuffer.allocate(32)
                .put(control(WINDOW_UPDATE, 8).putInt(stream).putInt(count).flip())
                .put(control(WINDOW_UPDATE, 8).putInt(0).putInt(count).flip())
                .array();
    }

    private static ByteBuffer control(int type, int length) {
        return ByteBuffer.allocate(8 + length).putInt(CONTROL | type).putInt(length);
    }

    @Override
    public void close() {
        blocks.close();
    }
}
