package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.ImageLayout;
import dev.slipway.engine.repository.Serving;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A registry that speaks TLS, asked by curl and skopeo, who trust one certificate and no other.
class RegistryTlsIT {
    @TempDir
    Path root;

    private RegistryRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = RegistryRig.open(Files.createDirectory(root.resolve("engine")));
        rig.encrypt(certificate("served"));
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// A certificate that signs itself, for loopback; a directory of its name holds it as skopeo wants it.
    private Serving.Tls certificate(String name) throws Exception {
        Path directory = Files.createDirectory(root.resolve(name));
        Path key = root.resolve(name + ".key");
        Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                key.toString(),
                "-out",
                directory.resolve("ca.crt").toString());
        return new Serving.Tls(Files.readString(directory.resolve("ca.crt")), Files.readString(key));
    }

    @Test
    void curl_reaches_it_with_its_certificate_and_not_with_another_nor_in_the_clear() throws Exception {
        certificate("other");

        assertEquals("{} 2 200", curl("served", "https"));
        assertThrows(AssertionError.class, () -> curl("other", "https"));
        assertThrows(AssertionError.class, () -> curl("served", "http"));
    }

    @Test
    void a_certificate_that_was_replaced_is_shown_from_then_on() throws Exception {
        rig.encrypt(certificate("next"));

        assertEquals("{} 2 200", curl("next", "https"));
        assertThrows(AssertionError.class, () -> curl("served", "https"));
    }

    private String curl(String trusted, String scheme) {
        return Command.run(
                "curl",
                "-sS",
                "--max-time",
                "20",
                "--cacert",
                root.resolve(trusted).resolve("ca.crt").toString(),
                "-w",
                " %{http_version} %{http_code}",
                scheme + "://" + rig.host + "/v2/");
    }

    @Test
    @Timeout(60)
    void requests_that_share_a_connection_are_counted_as_connections_are() throws Exception {
        rig.close();
        Limits few = new Limits(2, 2, Duration.ofSeconds(30), 1, 1 << 20, 1);
        rig = RegistryRig.open(Files.createDirectory(root.resolve("few-requests")), few);
        rig.encrypt(certificate("few"));
        Vertx vertx = Vertx.vertx();
        try {
            HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setUseAlpn(true)
                    .setSsl(true)
                    .setTrustAll(true)
                    .setHttp2MaxPoolSize(1));
            HttpClientRequest first = beginUpload(client);
            HttpClientRequest second = beginUpload(client);

            ExecutionException refused = assertThrows(ExecutionException.class, () -> status(client));
            first.reset();
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (!isWelcome(client)) {
                assertTrue(System.nanoTime() < deadline, "the place of the first is not free");
            }

            assertEquals(8, second.connection().remoteSettings().getMaxConcurrentStreams());
            assertEquals(
                    7,
                    assertInstanceOf(StreamResetException.class, refused.getCause())
                            .getCode());
        } finally {
            await(vertx.close());
        }
    }

    private HttpClientRequest beginUpload(HttpClient client) throws Exception {
        String path = "/v2/acme/web/blobs/uploads/?digest=" + Digest.sha256(new byte[1]);
        HttpClientRequest request = await(client.request(HttpMethod.POST, port(), "127.0.0.1", path));
        request.setChunked(true);
        await(request.sendHead());
        return request;
    }

    private int status(HttpClient client) throws Exception {
        return await(client.request(HttpMethod.GET, port(), "127.0.0.1", "/v2/").compose(HttpClientRequest::send))
                .statusCode();
    }

    private boolean isWelcome(HttpClient client) throws Exception {
        try {
            return status(client) == 200;
        } catch (ExecutionException e) {
            return false;
        }
    }

    private int port() {
        return rig.uri("/").getPort();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("S53 skopeo pushes and pulls over TLS, with a name and a password")
    void skopeo_pushes_and_pulls_over_tls_with_a_name_and_a_password() throws Exception {
        Serving.User user = new Serving.User("acme", "secret", List.of("*"), List.of("acme/*"));
        rig.serve(Serving.Access.TOKEN, List.of(user), List.of("acme/*"), false);
        Path tree = Files.createDirectory(root.resolve("tree"));
        Files.writeString(tree.resolve("word"), "good");
        ImageLayout layout = new ImageLayout(root.resolve("layout")).image("v1").layer("v1", tree);
        String trusted = root.resolve("served").toString();

        layout.push(
                "v1",
                rig.host + "/acme/web:v1",
                "--dest-tls-verify=true",
                "--dest-cert-dir",
                trusted,
                "--dest-creds",
                "acme:secret");
        String[] words = {"skopeo", "inspect", "--raw", "--cert-dir", trusted, "docker://" + rig.host + "/acme/web:v1"};
        AssertionError refused = assertThrows(AssertionError.class, () -> Command.run(words));
        String raw = Command.run(
                "skopeo",
                "inspect",
                "--raw",
                "--cert-dir",
                trusted,
                "--creds",
                "acme:secret",
                "docker://" + rig.host + "/acme/web:v1");

        assertTrue(String.valueOf(refused.getMessage()).contains("unauthorized"), refused::getMessage);
        assertTrue(rig.content.contains(Digest.sha256(raw.getBytes(UTF_8))));
    }
}
