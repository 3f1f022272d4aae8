package dev.slipway.door.spdy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// Takes apart what arrives. Data is passed on as it comes, without a copy; control frames are collected first.
///
/// ```
///            8 bytes, data                     all bytes
/// HEADER ------------------> DATA ---------------------------+
///   ^ |      8 bytes, control           all bytes            |
///   | +--------------------> CONTROL ---> act ---------------+
///   +--------------------------------------------------------+
/// ```
///
/// Used by one thread.
public final class SpdyDecoder implements AutoCloseable {
    private static final int VERSION = 3;
    private static final int HEADER_BYTES = 8;
    private static final int LONGEST_CONTROL_BYTES = 16 * 1024;
    private static final int SYN_STREAM = 1;
    private static final int RST_STREAM = 3;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int LAST = 1;

    private final Frames frames;
    private final HeaderBlocks blocks = new HeaderBlocks();
    private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    private State state = State.HEADER;
    private ByteBuffer control = ByteBuffer.allocate(0);
    private int stream;
    private int dataLeft;
    private boolean lastData;

    private enum State {
        HEADER,
        DATA,
        CONTROL
    }

    /// What the other side does.
    public interface Frames {
        /// Begins a stream.
        ///
        /// @param headers names are in lower case
        void open(int stream, Map<String, String> headers) throws IOException, InterruptedException;

        /// @param bytes kept by nobody else
        void data(int stream, ByteBuffer bytes) throws IOException, InterruptedException;

        /// Ends its half of a stream.
        void end(int stream) throws IOException, InterruptedException;

        /// Gives a stream up.
        void reset(int stream) throws IOException, InterruptedException;

        /// Wants the same back.
        void ping(int id) throws IOException, InterruptedException;

        /// Opens no more streams.
        void goAway() throws IOException, InterruptedException;
    }

    public SpdyDecoder(Frames frames) {
        this.frames = frames;
    }

    /// @throws MalformedSpdyException when nothing more can be read
    public void take(ByteBuffer bytes) throws IOException, InterruptedException {
        while (bytes.hasRemaining()) {
            switch (state) {
                case HEADER -> takeHeader(bytes);
                case DATA -> takeData(bytes);
                case CONTROL -> takeControl(bytes);
            }
        }
    }

    private void takeHeader(ByteBuffer bytes) throws IOException, InterruptedException {
        move(bytes, header);
        if (header.hasRemaining()) {
            return;
        }
        int first = header.getInt(0);
        int length = header.getInt(4) & 0xffffff;
        boolean last = (header.get(4) & LAST) != 0;
        header.clear();
        if (first < 0) {
            beginControl(first, length);
        } else {
            stream = first;
            dataLeft = length;
            lastData = last;
            state = State.DATA;
            endDataIfDone();
        }
    }

    private void takeData(ByteBuffer bytes) throws IOException, InterruptedException {
        int count = Math.min(dataLeft, bytes.remaining());
        ByteBuffer part = bytes.slice(bytes.position(), count);
        bytes.position(bytes.position() + count);
        dataLeft -= count;
        frames.data(stream, part);
        endDataIfDone();
    }

    private void endDataIfDone() throws IOException, InterruptedException {
        if (dataLeft == 0) {
            state = State.HEADER;
            if (lastData) {
                frames.end(stream);
            }
        }
    }

    /// A control frame keeps its header in front.
    private void beginControl(int first, int length) throws IOException, InterruptedException {
        int version = first >>> 16 & 0x7fff;
        if (version != VERSION) {
            throw new MalformedSpdyException("a frame has version " + version);
        }
        if (length > LONGEST_CONTROL_BYTES) {
            throw new MalformedSpdyException("a control frame is longer than " + LONGEST_CONTROL_BYTES + " bytes");
        }
        control = ByteBuffer.allocate(HEADER_BYTES + length).put(header.array());
        state = State.CONTROL;
        actIfWhole();
    }

    private void takeControl(ByteBuffer bytes) throws IOException, InterruptedException {
        move(bytes, control);
        actIfWhole();
    }

    private void actIfWhole() throws IOException, InterruptedException {
        if (!control.hasRemaining()) {
            state = State.HEADER;
            act(control.flip());
        }
    }

    /// Whatever else there is (settings, windows) does not matter here.
    private void act(ByteBuffer frame) throws IOException, InterruptedException {
        int type = frame.getShort(2);
        boolean last = (frame.get(4) & LAST) != 0;
        int shortest = type == SYN_STREAM ? 10 : type == PING ? 4 : type == RST_STREAM || type == GOAWAY ? 8 : 0;
        if (frame.remaining() < HEADER_BYTES + shortest) {
            throw new MalformedSpdyException("a control frame of type %d is too short".formatted(type));
        }
        switch (type) {
            case SYN_STREAM -> {
                int opened = frame.getInt(8) & 0x7fffffff;
                frames.open(opened, blocks.read(frame.position(18).slice()));
                if (last) {
                    frames.end(opened);
                }
            }
            case RST_STREAM -> frames.reset(frame.getInt(8) & 0x7fffffff);
            case PING -> frames.ping(frame.getInt(8));
            case GOAWAY -> frames.goAway();
            default -> {}
        }
    }

    private static void move(ByteBuffer from, ByteBuffer to) {
        int count = Math.min(from.remaining(), to.remaining());
        to.put(from.slice(from.position(), count));
        from.position(from.position() + count);
    }

    @Override
    public void close() {
        blocks.close();
    }
}
