package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is shown which credential.
@Timeout(60)
class AuthorizationTest {
    private static final Patience QUICK =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(5), Duration.ofSeconds(1));
    private static final byte[] INDEX = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(), Map.of()));
    private static final byte[] LAYER = "layer".getBytes(UTF_8);
    private static final String BASIC = "Basic YW5uYTpzZWNyZXQ="; // anna:secret

    private HostileRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new HostileRegistry();
        registry.manifest("v1", MediaType.OCI_INDEX, INDEX);
        client = new RegistryClient(RegistrySettings.STANDARD, QUICK);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    @Test
    void a_token_is_fetched_with_the_challenge_scope_and_reused() throws Exception {
        demandToken("http://" + registry.host() + "/token");
        Descriptor blob = registry.blob(MediaType.OCI_LAYER, LAYER);

        client.manifest(reference(), anna());
        try (InputStream stream = client.blob(reference().repository(), blob, 0, anna())) {
            assertArrayEquals(LAYER, stream.readAllBytes());
        }

        HostileRegistry.Seen token = registry.seen("/token").getFirst();
        assertEquals("service=reg&scope=repository%3Ateam%2Fweb%3Apull", token.query());
        assertEquals(BASIC, token.header("Authorization"));
        assertEquals(1, registry.seen("/token").size());
        assertEquals("Bearer t0ken", registry.seen("/blobs/").getFirst().header("Authorization"));
    }

    @Test
    void without_credentials_a_token_is_asked_for_anonymously() throws Exception {
        demandToken("http://" + registry.host() + "/token");

        client.manifest(reference(), Keyring.EMPTY);

        assertEquals("", registry.seen("/token").getFirst().header("Authorization"));
    }

    @Test
    void an_identity_token_is_exchanged_for_a_token() throws Exception {
        demandToken("http://" + registry.host() + "/token");

        client.manifest(reference(), keyring(registry.host(), new Credentials("anna", "", "refresh-me")));

        HostileRegistry.Seen token = registry.seen("/token").getFirst();
        assertEquals("POST", token.method());
        assertEquals("", token.header("Authorization"));
        assertEquals("", token.query());
    }

    @Test
    void basic_credentials_are_shown_after_the_challenge_and_from_then_on() throws Exception {
        demandBasic();

        client.manifest(reference(), anna());
        client.manifest(reference(), anna());

        List<String> shown = registry.seen("/manifests/").stream()
                .map(request -> request.header("Authorization"))
                .toList();
        assertEquals(List.of("", BASIC, BASIC), shown);
    }

    @Test
    void wrong_credentials_are_refused_once_and_never_printed() throws Exception {
        demandBasic();
        Keyring wrong = keyring(registry.host(), new Credentials("anna", "hunter2"));

        RegistryException refusal = assertThrows(RegistryException.class, () -> client.manifest(reference(), wrong));

        assertEquals(Kind.UNAUTHORIZED, refusal.kind());
        assertFalse(refusal.toString().contains("hunter2"));
        assertFalse(wrong.toString().contains("hunter2"));
        assertFalse(wrong.keys().toString().contains("hunter2"));
    }

    @Test
    void what_the_best_credentials_were_told_is_what_is_told() throws Exception {
        registry.play("/manifests/", 99, exchange -> {
            boolean isKnown = BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (!isKnown) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"here\"");
            }
            return HostileRegistry.status(exchange, isKnown ? 403 : 401);
        });

        RegistryException refusal = assertThrows(RegistryException.class, () -> client.manifest(reference(), anna()));

        String told = String.valueOf(refusal.getMessage());
        assertTrue(told.endsWith("access denied to user anna"), told);
    }

    @Test
    void the_next_credential_is_tried_when_one_is_refused() throws Exception {
        demandBasic();
        Keyring both = keyring(registry.host() + "/team", new Credentials("old", "old"))
                .and(anna());

        client.manifest(reference(), both);

        assertEquals(BASIC, registry.seen("/manifests/").getLast().header("Authorization"));
    }

    @Test
    void the_hosts_own_credentials_serve_everybody() throws Exception {
        demandBasic();
        client.use(() ->
                new RegistrySettings(Map.of(registry.host(), new RegistrySettings.Host(List.of(), false, "", anna()))));

        client.manifest(reference(), Keyring.EMPTY);
    }

    @Test
    void a_registry_that_challenges_for_ever_is_left() throws Exception {
        registry.play("/manifests/", 99, exchange -> {
            exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Bearer realm=\"http://" + registry.host() + "/token\"");
            return HostileRegistry.status(exchange, 401);
        });
        registry.play("/token", 99, exchange -> HostileRegistry.send(exchange, "{\"token\":\"x\"}".getBytes(UTF_8)));

        assertEquals(Kind.UNAUTHORIZED, kind(Keyring.EMPTY));
        assertEquals(2, registry.seen("/manifests/").size());
    }

    @Test
    void a_stale_token_is_replaced() throws Exception {
        demandToken("http://" + registry.host() + "/token");
        client.manifest(reference(), anna());
        registry.play("/manifests/", 1, exchange -> challenge(exchange, "http://" + registry.host() + "/token"));

        client.manifest(reference(), anna());

        assertEquals(2, registry.seen("/token").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Bearer"})
    void no_credential_follows_a_redirect_to_another_host(String scheme) throws Exception {
        if (scheme.equals("Basic")) {
            demandBasic();
        } else {
            demandToken("http://" + registry.host() + "/token");
        }
        try (HostileRegistry other = new HostileRegistry()) {
            Descriptor blob = registry.blob(MediaType.OCI_LAYER, LAYER);
            other.play("/stolen", 99, exchange -> HostileRegistry.send(exchange, LAYER));
            registry.play(
                    "/blobs/",
                    99,
                    exchange -> exchange.getRequestHeaders().containsKey("Authorization")
                            && redirect(exchange, "http://" + other.host() + "/stolen?sig=1"));

            try (InputStream stream = client.blob(reference().repository(), blob, 0, anna())) {
                assertArrayEquals(LAYER, stream.readAllBytes());
            }

            String shown = registry.seen("/blobs/").getLast().header("Authorization");
            assertTrue(shown.startsWith(scheme), shown);
            assertEquals("", other.seen("/stolen").getFirst().header("Authorization"));
        }
    }

    @Test
    void credentials_stay_on_a_redirect_to_the_same_host() throws Exception {
        demandBasic();
        registry.play(
                "/manifests/v1",
                99,
                exchange -> exchange.getRequestHeaders().containsKey("Authorization")
                        && redirect(exchange, "/v2/moved/manifests/index"));
        registry.manifest("index", MediaType.OCI_INDEX, INDEX);

        client.manifest(reference(), anna());

        assertEquals(BASIC, registry.seen("/moved/").getFirst().header("Authorization"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/shadow", "ftp://127.0.0.1/x", "jar:file:/x!/y", "", "http://[bad", "//"})
    void a_redirect_to_what_is_not_the_web_is_not_followed(String target) throws Exception {
        registry.play("/manifests/", 99, exchange -> redirect(exchange, target));

        assertEquals(Kind.PROTOCOL, kind(Keyring.EMPTY));
    }

    @Test
    void a_circle_of_redirects_ends() throws Exception {
        registry.play("/manifests/", 99, exchange -> redirect(exchange, "/v2/team/web/manifests/v1"));

        assertEquals(Kind.PROTOCOL, kind(Keyring.EMPTY));
        assertEquals(6, registry.seen("/manifests/").size());
    }

    @Test
    void no_credential_goes_to_a_realm_of_another_host() throws Exception {
        demandToken(
                "http://localhost:" + URI.create("http://" + registry.host()).getPort() + "/token");

        assertEquals(Kind.PROTOCOL, kind(anna()));
        assertEquals(List.of(), registry.seen("/token"));
    }

    @Test
    void credentials_of_the_registry_are_not_shown_to_its_mirror() throws Exception {
        demandBasic();
        try (HostileRegistry mirror = new HostileRegistry()) {
            mirror.play("/manifests/", 99, exchange -> {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"give\"");
                return HostileRegistry.status(exchange, 401);
            });
            URI address = URI.create("http://" + mirror.host());
            client.use(() -> new RegistrySettings(
                    Map.of(registry.host(), new RegistrySettings.Host(List.of(address), false, "", Keyring.EMPTY))));

            client.manifest(reference(), anna());

            assertTrue(mirror.seen(request -> !request.header("Authorization").isEmpty())
                    .isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "registry-1.docker.io, https://auth.docker.io/token, true",
        "ghcr.io, https://ghcr.io/token, true",
        "registry.gitlab.com, https://gitlab.com/jwt/auth, true",
        "registry.example.com, https://sso.example.com/auth, true",
        "registry.example.com, https://example.com.evil.org/auth, false",
        "registry.example.com, https://evilexample.com/auth, false",
        "registry.example.com, http://registry.example.com/auth, false",
        "registry.example.com, file:///etc/passwd, false",
        "registry.example.com, https:///auth, false",
        "example.com, https://other.com/auth, false",
        "shop.co.uk, https://evil.co.uk/auth, false",
        "quay.io, https://evil.io/auth, false",
        "10.0.0.1, https://9.0.0.1/auth, false",
    })
    void a_realm_is_trusted_only_in_the_registrys_own_domain(String host, URI realm, boolean trusted) {
        Endpoint endpoint = new Endpoint(URI.create("https://" + host), "", host, "", "");

        assertEquals(trusted, Redirection.objection(realm, endpoint, true).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "vanity.example.com, https://ghcr.io/token, true",
        "vanity.example.com, http://ghcr.io/token, false",
        "192.0.2.1, https://localhost/token, false",
        "192.0.2.1, https://127.0.0.1:8443/token, false",
        "192.0.2.1, https://10.0.0.1/token, false",
        "10.0.0.2, https://10.0.0.1/token, true",
        "192.0.2.1, https://169.254.169.254/token, false",
        "vanity.example.com, file:///etc/passwd, false",
    })
    void without_credentials_a_realm_may_be_elsewhere_on_the_web(String host, URI realm, boolean asked) {
        Endpoint endpoint = new Endpoint(URI.create("https://" + host), "", host, "", "");

        assertEquals(asked, Redirection.objection(realm, endpoint, false).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 198.51.100.7, true",
        "192.0.2.1, 10.1.2.3, false",
        "192.0.2.1, 172.16.0.1, false",
        "192.0.2.1, 192.168.0.1, false",
        "192.0.2.1, 100.64.0.1, false",
        "192.0.2.1, 127.0.0.1, false",
        "192.0.2.1, 0.0.0.0, false",
        "192.0.2.1, [::1], false",
        "192.0.2.1, [fd00::1], false",
        "192.0.2.1, [::ffff:10.0.0.1], false",
        "192.0.2.1, 169.254.169.254, false",
        "192.0.2.1, [fe80::1], false",
        "10.1.2.3, 10.9.9.9, true",
        "10.1.2.3, 192.0.2.1, true",
        "10.1.2.3, 127.0.0.1, false",
        "10.1.2.3, 169.254.169.254, false",
        "127.0.0.1, 10.1.2.3, true",
        "127.0.0.1, localhost, true",
        "127.0.0.1, 169.254.169.254, false",
    })
    void a_registry_sends_nobody_nearer_to_this_host_than_it_is(String registry, String target, boolean followed) {
        Endpoint endpoint = new Endpoint(URI.create("https://" + registry), "", registry, "", "");

        assertEquals(followed, Redirection.mayLeadTo(endpoint, URI.create("https://" + target + "/blob")));
    }

    private void demandBasic() {
        registry.play(exchange -> {
            if (BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"registry\"");
            return HostileRegistry.status(exchange, 401);
        });
    }

    private void demandToken(String realm) {
        registry.play(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                return HostileRegistry.send(exchange, "{\"token\":\"t0ken\",\"expires_in\":300}".getBytes(UTF_8));
            }
            boolean shown = "Bearer t0ken".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            return !shown && challenge(exchange, realm);
        });
    }

    private static boolean challenge(HttpExchange exchange, String realm) throws IOException {
        exchange.getResponseHeaders()
                .set(
                        "WWW-Authenticate",
                        "Bearer realm=\"" + realm + "\",service=\"reg\",scope=\"repository:team/web:pull\"");
        return HostileRegistry.status(exchange, 401);
    }

    private static boolean redirect(HttpExchange exchange, String target) throws IOException {
        exchange.getResponseHeaders().set("Location", target);
        return HostileRegistry.status(exchange, 307);
    }

    private Kind kind(Keyring keyring) {
        return assertThrows(RegistryException.class, () -> client.manifest(reference(), keyring))
                .kind();
    }

    private Reference reference() {
        return new Reference(new Repository(registry.host(), "team/web"), "v1", null);
    }

    private Keyring anna() {
        return keyring(registry.host(), new Credentials("anna", "secret"));
    }

    private static Keyring keyring(String pattern, Credentials credentials) {
        return new Keyring(List.of(new Keyring.Key(RepositoryPattern.parse(pattern), credentials)));
    }
}
