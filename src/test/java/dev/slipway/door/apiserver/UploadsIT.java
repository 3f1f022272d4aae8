package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Bodies that are not collected before they are looked at, of requests that are refused.
@Timeout(60)
class UploadsIT {
    private static final String NAMESPACE = "/api/v1/namespaces/default";
    private static final String REFUSED = NAMESPACE + "/pods/nobody/archive?path=/";

    @TempDir
    Path root;

    private RunningApi api;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.start(root);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void a_large_archive_that_is_refused_gets_its_answer_on_each_protocol() throws Exception {
        // The client looks for the answer in the end on HTTP/1, and meanwhile on HTTP/2.
        assertEquals(404, put(HttpClient.Version.HTTP_1_1, 12 << 20));
        assertEquals(404, put(HttpClient.Version.HTTP_2, 64 << 20));
        EngineClient engine = new EngineClient(api.socket());
        try (EngineResponse refused = engine.upload("PUT", REFUSED, "application/x-tar", new Zeros(1L << 40))) {
            assertEquals(404, refused.status());
        }
    }

    private int put(HttpClient.Version version, int count) throws Exception {
        HttpRequest.Builder large = HttpRequest.newBuilder(api.uri(REFUSED))
                .version(version)
                .PUT(BodyPublishers.ofInputStream(() -> new Zeros(count)));
        return api.send(api.administrator(), large).statusCode();
    }

    @Test
    void a_client_that_sends_all_before_it_looks_gets_its_answer() throws Exception {
        byte[] body = new byte[6 << 20];
        try (SocketChannel patient = SocketChannel.open(UnixDomainSocketAddress.of(api.socket()))) {
            OutputStream out = Channels.newOutputStream(patient);
            out.write("PUT %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
                    .formatted(REFUSED, body.length)
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);

            byte[] answer = Channels.newInputStream(patient).readNBytes(12);
            assertEquals("HTTP/1.1 404", new String(answer, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void an_object_may_have_the_name_of_a_part() throws Exception {
        String archive = """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"archive","namespace":"default"}}""";
        send("POST", "/api/v1/namespaces", """
                {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}""");

        assertEquals(201, send("POST", NAMESPACE + "/configmaps", archive));
        assertEquals(200, send("PUT", NAMESPACE + "/configmaps/archive", archive));
    }

    private int send(String method, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.uri(path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body));
        return api.send(api.administrator(), request).statusCode();
    }

    /// So many bytes.
    private static final class Zeros extends InputStream {
        private long left;

        Zeros(long count) {
            this.left = count;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            int count = (int) Math.min(left, length);
            left -= count;
            return count == 0 ? -1 : count;
        }
    }
}
