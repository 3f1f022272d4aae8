package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.door.logs.ContainerLogs;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SlowClientIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path root;

    @Test
    void a_client_that_stops_reading_its_watch_is_dropped_and_holds_up_nobody() throws Exception {
        try (RunningApi api = RunningApi.start(root);
                SocketChannel slow = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            slow.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            slow.connect(UnixDomainSocketAddress.of(api.socket()));
            slow.write(ByteBuffer.wrap("GET /api/v1/configmaps?watch=true HTTP/1.1\r\nHost: a\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            awaitStreams(api, 1);

            for (int i = 0; i < 100; i++) {
                create(api, i);
            }
            awaitStreams(api, 0);
        }
    }

    @Test
    void a_client_that_leaves_ends_its_watch() throws Exception {
        try (RunningApi api = RunningApi.start(root)) {
            SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(api.socket()));
            client.write(ByteBuffer.wrap(
                    "GET /api/v1/pods?watch=true HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            awaitStreams(api, 1);

            client.close();

            awaitStreams(api, 0);
        }
    }

    @Test
    @Timeout(60)
    void an_error_that_nobody_expected_ends_the_connection() throws Exception {
        try (RunningApi api = RunningApi.start(root);
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(api.socket()))) {
            ObjectNode pod = ObjectCodec.readObject("""
                    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default"},
                     "spec":{"containers":[{"name":"c","image":"x"}]}}""".getBytes(StandardCharsets.UTF_8));
            api.store().create(new ObjectKey(GroupResource.core("pods"), "default", "a"), ApiObject.of(pod));
            api.runs().put("c", new Bottomless());

            client.write(ByteBuffer.wrap("GET /api/v1/namespaces/default/pods/a/log HTTP/1.1\r\nHost: a\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));

            String answer = new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.US_ASCII);
            assertFalse(answer.endsWith("0\r\n\r\n"), "it looks whole: " + answer);
        }
    }

    private record Bottomless() implements ContainerLogs.Run {
        @Override
        public List<Path> files() {
            throw new StackOverflowError();
        }

        @Override
        public boolean isRunning() {
            return false;
        }
    }

    private static void create(RunningApi api, int number) throws Exception {
        ObjectNode tree = ObjectCodec.readObject("""
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m%d","namespace":"default"}}""".formatted(number).getBytes(StandardCharsets.UTF_8));
        tree.putObject("data").put("much", "x".repeat(50_000));
        api.store()
                .create(new ObjectKey(GroupResource.core("configmaps"), "default", "m" + number), ApiObject.of(tree));
    }

    private static void awaitStreams(RunningApi api, int count) throws Exception {
        Instant deadline = Instant.now().plus(LIMIT);
        String wanted = "slipway_api_streams " + count + "\n";
        String metrics = "";
        HttpClient client = api.administrator();
        while (!metrics.contains(wanted)) {
            assertTrue(Instant.now().isBefore(deadline), "waited in vain for " + wanted + metrics);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            metrics = api.send(client, HttpRequest.newBuilder(api.uri("/metrics")))
                    .body();
        }
    }
}
