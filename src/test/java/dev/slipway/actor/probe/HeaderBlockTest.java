package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compared with what another implementation writes and reads.
class HeaderBlockTest {
    private final Huffman huffman = Huffman.table();

    @Test
    void what_another_packs_is_read() throws Exception {
        StringBuilder every = new StringBuilder();
        for (char each = ' '; each < 127; each++) {
            every.append(each);
        }
        Http2Headers headers = new DefaultHttp2Headers(false)
                .status("200")
                .add("grpc-status", "0")
                .add("grpc-message", "a text that is long enough to be packed, with %C3%A4")
                .add("x-all", every);
        DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder((name, value) -> false, false, 16, 0);
        encoder.configuration().maxHeaderTableSize(0);

        Map<String, String> read = HeaderBlock.read(bytes(encoder, headers), huffman);

        assertEquals("200", read.get(":status"));
        assertEquals("0", read.get("grpc-status"));
        assertEquals("a text that is long enough to be packed, with %C3%A4", read.get("grpc-message"));
        assertEquals(every.toString(), read.get("x-all"));
    }

    @Test
    void what_is_written_another_reads() throws Exception {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(":path", "/x");
        fields.put("long", "l".repeat(1000));

        Http2Headers read =
                new DefaultHttp2HeadersDecoder().decodeHeaders(1, Unpooled.wrappedBuffer(HeaderBlock.write(fields)));

        assertEquals("/x", read.path().toString());
        assertEquals("l".repeat(1000), read.get("long").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"fe", "00", "0081", "0001", "000161ff", "00016183ffff", "ffffffffffff", "0001618400000000"})
    void nonsense_is_refused(String hex) {
        byte[] block = ByteBufUtil.decodeHexDump(hex);

        assertThrows(IOException.class, () -> HeaderBlock.read(block, huffman));
    }

    private static byte[] bytes(DefaultHttp2HeadersEncoder encoder, Http2Headers headers) throws Exception {
        ByteBuf out = Unpooled.buffer();
        encoder.encodeHeaders(1, headers, out);
        return ByteBufUtil.getBytes(out);
    }
}
