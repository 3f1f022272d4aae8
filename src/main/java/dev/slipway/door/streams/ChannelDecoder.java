package dev.slipway.door.streams;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;

/// Takes apart what a client sends. Messages may come in several frames; what is for stdin is passed on frame by frame,
/// without a copy, whatever comes on other channels is small and collected first.
///
/// ```
/// frame that begins a message -> its first byte names the channel --+-> STDIN: pass on
/// frame that continues one  ----------------------------------------+-> else: collect; after the last frame, act
/// ```
final class ChannelDecoder {
    private static final int LONGEST_COLLECTED = 1 << 20;
    private static final int LARGEST_SIZE = 0xffff;

    private final ChannelProtocol protocol;
    private final Input input;
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private int channel;

    /// What a client wants done.
    interface Input {
        /// @param bytes read before this returns
        void stdin(ByteBuffer bytes) throws IOException;

        void endOfStdin() throws IOException;

        void resize(int rows, int columns) throws IOException;
    }

    ChannelDecoder(ChannelProtocol protocol, Input input) {
        this.protocol = protocol;
        this.input = input;
    }

    /// @param payload of one frame
    /// @param continues a message that an earlier frame began
    /// @param last of its message
    /// @throws IOException when the client does not keep to the protocol, or `input` fails
    void take(ByteBuffer payload, boolean continues, boolean last) throws IOException {
        if (protocol.isText()) {
            collect(payload);
            if (last) {
                takeText(collection());
            }
        } else {
            takeBinary(payload, continues, last);
        }
    }

    private void takeBinary(ByteBuffer payload, boolean continues, boolean last) throws IOException {
        if (!continues) {
            if (!payload.hasRemaining()) {
                throw new IOException("a message names no channel");
            }
            channel = payload.get() & 0xff;
        }
        if (channel == Channel.STDIN) {
            pass(payload);
            return;
        }
        collect(payload);
        if (last) {
            act(collection());
        }
    }

    private void takeText(byte[] message) throws IOException {
        if (message.length == 0) {
            throw new IOException("a message names no channel");
        }
        channel = message[0] - '0';
        ByteBuffer encoded = ByteBuffer.wrap(message, 1, message.length - 1);
        ByteBuffer payload;
        try {
            payload = Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            throw new IOException("a message is not in base64: " + e.getMessage(), e);
        }
        if (channel == Channel.STDIN) {
            pass(payload);
        } else {
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            act(bytes);
        }
    }

    private void pass(ByteBuffer payload) throws IOException {
        if (payload.hasRemaining()) {
            input.stdin(payload);
        }
    }

    private void collect(ByteBuffer payload) throws IOException {
        if (collected.size() + payload.remaining() > LONGEST_COLLECTED) {
            throw new IOException("a message is longer than " + LONGEST_COLLECTED + " bytes");
        }
        while (payload.hasRemaining()) {
            collected.write(payload.get());
        }
    }

    private byte[] collection() {
        byte[] bytes = collected.toByteArray();
        collected.reset();
        return bytes;
    }

    /// What is on other channels means nothing from a client.
    private void act(byte[] message) throws IOException {
        if (channel == Channel.RESIZE) {
            resize(message);
        } else if (channel == Channel.CLOSE && message.length == 1 && message[0] == Channel.STDIN) {
            input.endOfStdin();
        }
    }

    private void resize(byte[] message) throws IOException {
        try {
            JsonNode size = ObjectCodec.readObject(message);
            int rows = size.path("Height").asInt();
            int columns = size.path("Width").asInt();
            if (rows > 0 && rows <= LARGEST_SIZE && columns > 0 && columns <= LARGEST_SIZE) {
                input.resize(rows, columns);
            }
        } catch (JacksonException e) {
            throw new IOException("the terminal's size is not readable: " + e.getOriginalMessage(), e);
        }
    }
}
