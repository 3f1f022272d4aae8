package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Uploads to where a registry sends them.
@Timeout(60)
class UploadAddressTest {
    private static final Patience QUICK =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(5), Duration.ofSeconds(1));
    /// More than one chunk.
    private static final byte[] BLOB = new byte[9 << 20];

    private final RegistryClient client = new RegistryClient(RegistrySettings.STANDARD, QUICK);
    private HostileRegistry registry;
    private HostileRegistry other;

    @BeforeEach
    void start() throws IOException {
        registry = new HostileRegistry();
        other = new HostileRegistry();
        for (HostileRegistry each : List.of(registry, other)) {
            each.play("/store", 99, UploadAddressTest::take);
        }
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
        other.close();
    }

    @ParameterizedTest
    @CsvSource({"Basic, Basic YW5uYTpzZWNyZXQ=", "Bearer, Bearer t0ken"})
    void what_is_shown_to_a_registry_is_not_shown_where_it_sends_an_upload(String scheme, String shown)
            throws IOException {
        demand(scheme, shown);
        uploadsTo("http://" + other.host() + "/store?sig=1");

        assertEquals(BlobPush.Sent.UPLOADED, push());

        assertEquals(shown, registry.seen("/uploads/").getLast().header("Authorization"));
        assertEquals(List.of("PATCH ", "PUT "), methodsAndAuthorizations(other));
    }

    @ParameterizedTest
    @CsvSource({"Basic, Basic YW5uYTpzZWNyZXQ=", "Bearer, Bearer t0ken"})
    void it_is_shown_to_the_registry_for_each_chunk(String scheme, String shown) throws IOException {
        demand(scheme, shown);
        uploadsTo("/store");

        assertEquals(BlobPush.Sent.UPLOADED, push());

        assertEquals(List.of("PATCH " + shown, "PUT " + shown), methodsAndAuthorizations(registry));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.0.1/store",
                "file:///etc/shadow",
                "file://127.0.0.1/etc/shadow",
                "ftp://127.0.0.1/store",
                "http:store",
                "http://[bad"
            })
    void nothing_is_uploaded_to_a_bad_address(String address) {
        uploadsTo(address);

        RegistryException refusal = assertThrows(RegistryException.class, this::push);

        assertEquals(Kind.PROTOCOL, refusal.kind());
        assertEquals(List.of(), registry.seen("/store"));
    }

    private BlobPush.Sent push() throws IOException {
        Keyring anna = new Keyring(
                List.of(new Keyring.Key(RepositoryPattern.parse(registry.host()), new Credentials("anna", "secret"))));
        return client.push(
                new Repository(registry.host(), "team/web"),
                Descriptor.of(MediaType.OCI_LAYER, BLOB),
                offset -> new ByteArrayInputStream(BLOB, (int) offset, BLOB.length - (int) offset),
                Optional.empty(),
                anna);
    }

    private void uploadsTo(String address) {
        registry.play("/blobs/uploads/", 99, exchange -> {
            exchange.getResponseHeaders().set("Location", address);
            return exchange.getRequestHeaders().containsKey("Authorization") == isGuarded
                    && HostileRegistry.status(exchange, 202);
        });
    }

    private boolean isGuarded;

    private void demand(String scheme, String shown) {
        isGuarded = true;
        registry.play(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                return HostileRegistry.send(exchange, "{\"token\":\"t0ken\"}".getBytes(UTF_8));
            }
            exchange.getResponseHeaders()
                    .set("WWW-Authenticate", scheme + " realm=\"http://" + registry.host() + "/token\"");
            return !shown.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                    && HostileRegistry.status(exchange, 401);
        });
    }

    private static boolean take(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
        return HostileRegistry.status(exchange, exchange.getRequestMethod().equals("PUT") ? 201 : 202);
    }

    private static List<String> methodsAndAuthorizations(HostileRegistry where) {
        return where.seen("/store").stream()
                .map(request -> request.method() + " " + request.header("Authorization"))
                .toList();
    }
}
