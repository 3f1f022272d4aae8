package dev.slipway.door.streams;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;

/// Takes apart what a client sends. Messages may come in several frames; what is for stdin is passed on frame by frame,
/// without a copy, whatever comes on other channels is small and collected first.
///
/// ```
/// frame that begins a message -> its first byte names the channel --+-> STDIN: pass on
/// frame that continues one  ----------------------------------------+-> else: collect; after the last frame, act
/// ```
final class ChannelDecoder {
    private static final int LONGEST_COLLECTED = 1 << 20;

    private final ChannelProtocol protocol;
    private final ClientLine.Input input;
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private int channel;

    ChannelDecoder(ChannelProtocol protocol, ClientLine.Input input) {
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
            Optional<TerminalSize> size = TerminalSize.parse(message);
            if (size.isPresent()) {
                input.resize(size.get().rows(), size.get().columns());
            }
        } else if (channel == Channel.CLOSE && message.length == 1 && message[0] == Channel.STDIN) {
            input.endOfStdin();
        }
    }
}
