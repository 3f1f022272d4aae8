package dev.slipway.door.spdy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.door.spdy.SpdyEncoder.ResetReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySettingsFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdyWindowUpdateFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.handler.codec.spdy.SpdyWindowUpdateFrame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What Netty writes is read, and what is written Netty reads.
class SpdyPeerTest {
    private final List<String> heard = new ArrayList<>();
    private final EmbeddedChannel peer = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final SpdyEncoder encoder = new SpdyEncoder();
    private final SpdyDecoder decoder = new SpdyDecoder(new SpdyDecoder.Frames() {
        @Override
        public void open(int stream, Map<String, String> headers) {
            heard.add("open " + stream + " " + new TreeMap<>(headers));
        }

        @Override
        public void data(int stream, ByteBuffer bytes) {
            heard.add("data " + stream + " " + StandardCharsets.UTF_8.decode(bytes));
        }

        @Override
        public void end(int stream) {
            heard.add("end " + stream);
        }

        @Override
        public void reset(int stream) {
            heard.add("reset " + stream);
        }

        @Override
        public void ping(int id) {
            heard.add("ping " + id);
        }

        @Override
        public void goAway() {
            heard.add("go away");
        }
    });

    @AfterEach
    void close() {
        decoder.close();
        encoder.close();
        peer.finishAndReleaseAll();
    }

    @Test
    void a_pair_of_streams_is_opened_and_used() throws Exception {
        decoder.take(ByteBuffer.wrap(conversation()));

        assertEquals(
                List.of(
                        "open 1 {port=8080, requestid=0, streamtype=error}",
                        "end 1",
                        "open 3 {port=8080, requestid=0, streamtype=data}",
                        "data 3 hello",
                        "end 3",
                        "ping 7",
                        "reset 3",
                        "go away"),
                heard);
    }

    @Test
    void it_does_not_matter_in_which_pieces_bytes_arrive() throws Exception {
        for (byte octet : conversation()) {
            decoder.take(ByteBuffer.wrap(new byte[] {octet}));
        }

        assertEquals("data 3 h", heard.get(3));
        assertEquals("data 3 o", heard.get(7));
        assertEquals(List.of("end 3", "ping 7", "reset 3", "go away"), heard.subList(8, 12));
    }

    @Test
    void replies_are_understood_one_after_the_other() {
        for (int stream = 1; stream < 9; stream += 2) {
            SpdySynReplyFrame reply =
                    assertInstanceOf(SpdySynReplyFrame.class, read(encoder.reply(stream, Map.of("accepted", "yes"))));

            assertEquals(stream, reply.streamId());
            assertEquals("yes", reply.headers().get("accepted"));
        }
    }

    @Test
    void data_and_its_end_are_understood() {
        byte[] frame = new byte[SpdyEncoder.DATA_HEADER_BYTES + 5];
        System.arraycopy("world".getBytes(StandardCharsets.US_ASCII), 0, frame, SpdyEncoder.DATA_HEADER_BYTES, 5);
        SpdyEncoder.putDataHeader(frame, 3, 5, false);

        SpdyDataFrame data = assertInstanceOf(SpdyDataFrame.class, read(frame));
        SpdyDataFrame end = assertInstanceOf(SpdyDataFrame.class, read(SpdyEncoder.end(3)));

        assertEquals("world", data.content().toString(StandardCharsets.US_ASCII));
        assertEquals(3, data.streamId());
        assertEquals(0, end.content().readableBytes());
        assertTrue(end.isLast());
        data.release();
        end.release();
    }

    @Test
    void control_frames_are_understood() {
        SpdyRstStreamFrame reset =
                assertInstanceOf(SpdyRstStreamFrame.class, read(SpdyEncoder.reset(5, ResetReason.REFUSED)));
        SpdyPingFrame ping = assertInstanceOf(SpdyPingFrame.class, read(SpdyEncoder.ping(9)));
        SpdyWindowUpdateFrame stream =
                assertInstanceOf(SpdyWindowUpdateFrame.class, read(SpdyEncoder.openWindows(5, 4096)));
        SpdyWindowUpdateFrame connection = assertInstanceOf(SpdyWindowUpdateFrame.class, peer.readInbound());

        assertEquals(3, reset.status().code());
        assertEquals(9, ping.id());
        assertEquals(List.of(5, 4096), List.of(stream.streamId(), stream.deltaWindowSize()));
        assertEquals(List.of(0, 4096), List.of(connection.streamId(), connection.deltaWindowSize()));
    }

    @Test
    void what_is_no_spdy_is_refused() {
        assertThrows(MalformedSpdyException.class, () -> decoder.take(hex("80040001000000000000")));
        assertThrows(MalformedSpdyException.class, () -> decoder.take(hex("8003000100ffffff")));
    }

    @Test
    void a_block_that_is_broken_or_grows_without_end_is_refused() throws Exception {
        try (HeaderBlocks other = new HeaderBlocks();
                HeaderBlocks blocks = new HeaderBlocks()) {
            byte[] block = other.write(Map.of("a", "x".repeat(60_000)));
            byte[] next = other.write(Map.of("a", "x".repeat(60_000)));
            assertEquals(60_000, blocks.read(ByteBuffer.wrap(block)).get("a").length());

            next[5] ^= 0x55;
            assertThrows(MalformedSpdyException.class, () -> blocks.read(ByteBuffer.wrap(next)));
        }
        try (HeaderBlocks blocks = new HeaderBlocks()) {
            assertThrows(MalformedSpdyException.class, () -> blocks.read(ByteBuffer.wrap(bomb())));
        }
    }

    /// A megabyte of zeros.
    private static byte[] bomb() {
        try (Deflater deflater = new Deflater()) {
            deflater.setDictionary(SpdyDictionary.bytes());
            deflater.setInput(new byte[1 << 20]);
            byte[] block = new byte[1 << 16];
            int size = deflater.deflate(block, 0, block.length, Deflater.SYNC_FLUSH);
            return Arrays.copyOf(block, size);
        }
    }

    private byte[] conversation() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SpdySynStreamFrame errors = stream(1, "error");
        errors.setLast(true);
        DefaultSpdyDataFrame data = new DefaultSpdyDataFrame(3, Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
        data.setLast(true);
        for (SpdyFrame frame : List.of(
                new DefaultSpdySettingsFrame().setValue(4, 100),
                errors,
                stream(3, "data"),
                new DefaultSpdyWindowUpdateFrame(3, 100),
                data,
                new DefaultSpdyPingFrame(7),
                new DefaultSpdyRstStreamFrame(3, 5),
                new DefaultSpdyGoAwayFrame(3))) {
            peer.writeOutbound(frame);
        }
        for (ByteBuf part = peer.readOutbound(); part != null; part = peer.readOutbound()) {
            bytes.writeBytes(ByteBufUtil.getBytes(part));
            part.release();
        }
        return bytes.toByteArray();
    }

    private static SpdySynStreamFrame stream(int id, String type) {
        SpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        frame.headers().set("streamtype", type).set("port", "8080").set("requestid", "0");
        return frame;
    }

    private Object read(byte[] bytes) {
        peer.writeInbound(Unpooled.copiedBuffer(bytes));
        return peer.readInbound();
    }

    private static ByteBuffer hex(String digits) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
    }
}
