package dev.slipway.door.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelDecoderTest {
    private final List<String> heard = new ArrayList<>();

    private final ClientLine.Input input = new ClientLine.Input() {
        @Override
        public void stdin(ByteBuffer bytes) {
            heard.add("in " + StandardCharsets.UTF_8.decode(bytes));
        }

        @Override
        public void endOfStdin() {
            heard.add("end");
        }

        @Override
        public void resize(int rows, int columns) {
            heard.add(rows + "x" + columns);
        }
    };

    @Test
    void the_first_byte_names_the_channel() throws IOException {
        ChannelDecoder decoder = new ChannelDecoder(ChannelProtocol.V5, input);

        decoder.take(bytes("\0hello"), false, true);
        decoder.take(bytes("\4{\"Width\":80,\"Height\":24}"), false, true);
        decoder.take(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), false, true);

        assertEquals(List.of("in hello", "24x80", "end"), heard);
    }

    @Test
    void what_is_for_stdin_is_passed_on_frame_by_frame() throws IOException {
        ChannelDecoder decoder = new ChannelDecoder(ChannelProtocol.V5, input);

        decoder.take(bytes("\0one"), false, false);
        decoder.take(bytes("two"), true, false);
        decoder.take(bytes("\0three"), true, true);
        decoder.take(bytes("\0four"), false, true);

        assertEquals(List.of("in one", "in two", "in \0three", "in four"), heard);
    }

    @Test
    void a_size_may_come_in_pieces() throws IOException {
        ChannelDecoder decoder = new ChannelDecoder(ChannelProtocol.V4, input);

        decoder.take(bytes("\4{\"Width\":1"), false, false);
        decoder.take(bytes("00,\"Height\":40}"), true, true);

        assertEquals(List.of("40x100"), heard);
    }

    @Test
    void text_is_taken_for_base64() throws IOException {
        ChannelDecoder decoder = new ChannelDecoder(ChannelProtocol.V4_BASE64, input);

        decoder.take(bytes("0aGVs"), false, false);
        decoder.take(bytes("bG8="), true, true);
        decoder.take(bytes("4eyJXaWR0aCI6MSwiSGVpZ2h0IjoyfQ=="), false, true);

        assertEquals(List.of("in hello", "2x1"), heard);
    }

    @Test
    void what_means_nothing_from_a_client_is_passed_over() throws IOException {
        ChannelDecoder decoder = new ChannelDecoder(ChannelProtocol.V5, input);

        decoder.take(bytes("\0"), false, true);
        decoder.take(bytes("\1out"), false, true);
        decoder.take(bytes("\4{\"Width\":0,\"Height\":70000}"), false, true);
        decoder.take(ByteBuffer.wrap(new byte[] {(byte) 255, 1}), false, true);

        assertEquals(List.of(), heard);
    }

    @Test
    void a_client_that_breaks_the_protocol_is_told_apart() {
        ChannelDecoder binary = new ChannelDecoder(ChannelProtocol.V5, input);
        ChannelDecoder text = new ChannelDecoder(ChannelProtocol.V4_BASE64, input);
        ByteBuffer large = ByteBuffer.allocate(1 << 20).put(0, (byte) Channel.RESIZE);

        assertThrows(IOException.class, () -> binary.take(bytes(""), false, true));
        assertThrows(IOException.class, () -> binary.take(bytes("\4nonsense"), false, true));
        assertThrows(IOException.class, () -> text.take(bytes("0%%%"), false, true));
        binaryTakes(binary, large);
        assertThrows(IOException.class, () -> binary.take(bytes("more"), true, false));
    }

    private static void binaryTakes(ChannelDecoder decoder, ByteBuffer payload) {
        try {
            decoder.take(payload, false, false);
            decoder.take(bytes("m"), true, false);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
