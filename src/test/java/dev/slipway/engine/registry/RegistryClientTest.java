package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RegistryClientTest {
    private static final Patience QUICK = new Patience(
            Duration.ofSeconds(20), Duration.ofSeconds(20), 3, Duration.ofMillis(5), Duration.ofSeconds(2));
    /// Long enough that an honest answer comes in time also on a busy machine.
    private static final Patience IMPATIENT =
            new Patience(Duration.ofSeconds(20), Duration.ofSeconds(1), 2, Duration.ofMillis(5), Duration.ofSeconds(2));
    private static final byte[] INDEX = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(), Map.of()));
    private static final byte[] LAYER = new byte[300_000];

    static {
        new Random(1).nextBytes(LAYER);
    }

    private HostileRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new HostileRegistry();
        client = new RegistryClient(RegistrySettings.STANDARD, QUICK);
    }

    private void beImpatient() {
        client.close();
        client = new RegistryClient(RegistrySettings.STANDARD, IMPATIENT);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    @Test
    @DisplayName("S56 a tag refers to exactly one manifest, and moving it is seen at once")
    void a_tag_gives_the_manifest_with_the_digest_of_its_bytes() throws Exception {
        Descriptor first = registry.manifest("v1", MediaType.OCI_INDEX, INDEX);

        ManifestDocument document = client.manifest(reference("team/web:v1"), Keyring.EMPTY);

        assertEquals(first, document.descriptor());
        assertArrayEquals(INDEX, document.bytes());
        assertEquals(first.digest(), client.resolve(reference("team/web:v1"), Keyring.EMPTY));

        byte[] other = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(), Map.of("moved", "yes")));
        Descriptor second = registry.manifest("v1", MediaType.OCI_INDEX, other);

        assertEquals(second.digest(), client.resolve(reference("team/web:v1"), Keyring.EMPTY));
    }

    @Test
    void every_type_of_manifest_is_accepted() throws Exception {
        registry.manifest("v1", MediaType.OCI_INDEX, INDEX);

        client.manifest(reference("web:v1"), Keyring.EMPTY);

        String accept = registry.seen("/manifests/").getFirst().header("Accept");
        for (MediaType type : List.of(
                MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, MediaType.DOCKER_INDEX, MediaType.DOCKER_MANIFEST)) {
            assertTrue(accept.contains(type.value()), accept);
        }
    }

    @Test
    void what_is_not_there_is_told_from_what_is_broken() throws Exception {
        registry.play("broken", 99, exchange -> HostileRegistry.status(exchange, 503));
        registry.play("odd", 99, exchange -> HostileRegistry.status(exchange, 418));
        registry.play("secret", 99, exchange -> HostileRegistry.status(exchange, 403));

        assertEquals(Kind.NOT_FOUND, kind(() -> client.manifest(reference("web:none"), Keyring.EMPTY)));
        assertEquals(Kind.UNREACHABLE, kind(() -> client.manifest(reference("broken:v1"), Keyring.EMPTY)));
        assertEquals(Kind.PROTOCOL, kind(() -> client.manifest(reference("odd:v1"), Keyring.EMPTY)));
        assertEquals(Kind.UNAUTHORIZED, kind(() -> client.manifest(reference("secret:v1"), Keyring.EMPTY)));
    }

    @Test
    void a_registry_that_is_down_is_unreachable() throws Exception {
        Reference reference = reference("web:v1");
        registry.close();

        assertEquals(Kind.UNREACHABLE, kind(() -> client.manifest(reference, Keyring.EMPTY)));
    }

    @Test
    void a_server_that_fails_for_a_moment_is_asked_again() throws Exception {
        registry.manifest("v1", MediaType.OCI_INDEX, INDEX);
        registry.play("/manifests/", 2, exchange -> HostileRegistry.status(exchange, 503));

        client.manifest(reference("web:v1"), Keyring.EMPTY);

        assertEquals(3, registry.seen("/manifests/").size());
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void a_short_retry_after_is_waited_for(int status) throws Exception {
        registry.manifest("v1", MediaType.OCI_INDEX, INDEX);
        registry.play("/manifests/", 1, exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "1");
            return HostileRegistry.status(exchange, status);
        });
        long start = System.nanoTime();

        client.manifest(reference("web:v1"), Keyring.EMPTY);

        assertTrue(System.nanoTime() - start >= TimeUnit.SECONDS.toNanos(1));
    }

    @ParameterizedTest
    @CsvSource({"429, RATE_LIMITED", "503, UNREACHABLE"})
    void a_long_retry_after_is_left_to_the_caller(int status, Kind kind) throws Exception {
        registry.play("/manifests/", 99, exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            return HostileRegistry.status(exchange, status);
        });

        RegistryException refusal =
                assertThrows(RegistryException.class, () -> client.manifest(reference("web:v1"), Keyring.EMPTY));

        assertEquals(kind, refusal.kind());
        assertEquals(Optional.of(Duration.ofHours(1)), refusal.retryAfter());
        assertEquals(1, registry.seen("/manifests/").size());
    }

    @Test
    void a_manifest_with_another_digest_is_refused() throws Exception {
        Digest wanted = Digest.sha256("something else".getBytes(UTF_8));
        registry.play("/manifests/", 99, exchange -> HostileRegistry.send(exchange, INDEX));

        RegistryException refusal = assertThrows(
                RegistryException.class,
                () -> client.manifest(reference("web:v1").pinned(wanted), Keyring.EMPTY));

        assertEquals(Kind.PROTOCOL, refusal.kind());
    }

    @Test
    void a_manifest_of_another_type_than_its_header_says_is_refused() throws Exception {
        registry.manifest("v1", MediaType.OCI_MANIFEST, INDEX);

        assertThrows(MalformedDocumentException.class, () -> client.manifest(reference("web:v1"), Keyring.EMPTY));
    }

    @Test
    void an_endless_manifest_is_cut_off() throws Exception {
        registry.play("/manifests/", 1, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] zeros = new byte[1 << 20];
            while (true) {
                exchange.getResponseBody().write(zeros);
            }
        });

        assertThrows(MalformedDocumentException.class, () -> client.manifest(reference("web:v1"), Keyring.EMPTY));
    }

    @Test
    void an_answer_that_never_begins_is_given_up() throws Exception {
        beImpatient();
        CountDownLatch released = new CountDownLatch(1);
        registry.play("/manifests/", 99, exchange -> {
            await(released);
            return HostileRegistry.status(exchange, 500);
        });

        assertEquals(Kind.UNREACHABLE, kind(() -> client.manifest(reference("web:v1"), Keyring.EMPTY)));
        released.countDown();
    }

    @Test
    @DisplayName("S55 a repository holds many tags, listed page by page")
    void tags_are_listed_over_all_pages() throws Exception {
        registry.play("/tags/list", 99, exchange -> {
            boolean second = exchange.getRequestURI().getQuery().contains("last=b");
            if (!second) {
                exchange.getResponseHeaders().set("Link", "</v2/team/web/tags/list?last=b&n=1000>; rel=\"next\"");
            }
            String tags = second ? "{\"tags\":[\"c\"]}" : "{\"tags\":[\"a\",\"b\"]}";
            return HostileRegistry.send(exchange, tags.getBytes(UTF_8));
        });

        assertEquals(List.of("a", "b", "c"), client.tags(repository(), Keyring.EMPTY));
    }

    @Test
    void a_list_that_never_ends_is_cut_off() throws Exception {
        StringBuilder page = new StringBuilder("{\"tags\":[\"x\"");
        page.append(",\"x\"".repeat(20_000)).append("]}");
        registry.play("/tags/list", 99, exchange -> {
            exchange.getResponseHeaders().set("Link", "</v2/team/web/tags/list?last=x>; rel=\"next\"");
            return HostileRegistry.send(exchange, page.toString().getBytes(UTF_8));
        });

        assertEquals(Kind.PROTOCOL, kind(() -> client.tags(repository(), Keyring.EMPTY)));
    }

    @Test
    void a_mirror_is_asked_first_and_the_registry_when_it_fails() throws Exception {
        try (HostileRegistry mirror = new HostileRegistry()) {
            mirror.play("/manifests/", 1, exchange -> HostileRegistry.status(exchange, 404));
            registry.manifest("v1", MediaType.OCI_INDEX, INDEX);
            client.use(() -> mirrored("http://" + mirror.host() + "/cache"));

            client.manifest(reference("team/web:v1"), Keyring.EMPTY);

            assertEquals(
                    "/v2/cache/team/web/manifests/v1",
                    mirror.seen("/manifests/").getFirst().path());
            assertEquals(
                    "ns=" + registry.host(),
                    mirror.seen("/manifests/").getFirst().query());
            assertEquals("", registry.seen("/manifests/").getFirst().query());
        }
    }

    @Test
    void a_mirror_that_has_it_spares_the_registry() throws Exception {
        try (HostileRegistry mirror = new HostileRegistry()) {
            mirror.manifest("v1", MediaType.OCI_INDEX, INDEX);
            client.use(() -> mirrored("http://" + mirror.host()));

            client.manifest(reference("team/web:v1"), Keyring.EMPTY);

            assertEquals(List.of(), registry.seen(""));
        }
    }

    @Test
    void a_mirror_that_is_down_costs_no_retries() throws Exception {
        HostileRegistry mirror = new HostileRegistry();
        String address = "http://" + mirror.host();
        mirror.close();
        registry.manifest("v1", MediaType.OCI_INDEX, INDEX);
        client.use(() -> mirrored(address));

        client.manifest(reference("team/web:v1"), Keyring.EMPTY);

        assertEquals(1, registry.seen("/manifests/").size());
    }

    @Test
    void plain_http_is_not_spoken_with_another_host_unless_told_to() {
        Repository remote = new Repository("registry.example.com:5000", "web");
        RegistrySettings insecure = new RegistrySettings(
                Map.of(remote.host(), new RegistrySettings.Host(List.of(), true, "", Keyring.EMPTY)));

        assertFalse(Endpoint.of(remote, RegistrySettings.STANDARD).getFirst().isPlain());
        assertTrue(Endpoint.of(remote, insecure).getFirst().isPlain());
        assertTrue(Endpoint.of("localhost:5000", RegistrySettings.STANDARD)
                .getFirst()
                .isPlain());
        assertTrue(
                Endpoint.of("[::1]:5000", RegistrySettings.STANDARD).getFirst().isPlain());
        assertFalse(Endpoint.of("127.0.0.1.example.com", RegistrySettings.STANDARD)
                .getFirst()
                .isPlain());
    }

    private RegistrySettings mirrored(String address) {
        return new RegistrySettings(Map.of(
                registry.host(), new RegistrySettings.Host(List.of(URI.create(address)), false, "", Keyring.EMPTY)));
    }

    private Repository repository() {
        return new Repository(registry.host(), "team/web");
    }

    @Test
    void an_answer_is_guarded_by_what_was_shown_for_it_and_not_by_what_was_shown_meanwhile() throws Exception {
        Keyring anna = new Keyring(
                List.of(new Keyring.Key(RepositoryPattern.parse(registry.host()), new Credentials("anna", "secret"))));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch shown = new CountDownLatch(1);
        registry.manifest("v1", MediaType.OCI_INDEX, INDEX);
        registry.manifest("closed", MediaType.OCI_INDEX, INDEX);
        registry.play("/manifests/closed", 1, exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            return HostileRegistry.status(exchange, 401);
        });
        registry.play("/manifests/v1", 1, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", MediaType.OCI_INDEX.value());
            exchange.sendResponseHeaders(200, INDEX.length);
            exchange.getResponseBody().write(INDEX, 0, 1);
            exchange.getResponseBody().flush();
            begun.countDown();
            await(shown);
            exchange.getResponseBody().write(INDEX, 1, INDEX.length - 1);
            exchange.close();
            return true;
        });

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ManifestDocument> open = threads.submit(() -> client.manifest(reference("web:v1"), anna));
            await(begun);
            assertTrue(client.manifest(reference("web:closed"), anna).guarded());
            shown.countDown();
            assertFalse(open.get(20, TimeUnit.SECONDS).guarded());
        }
    }

    private Reference reference(String name) throws Exception {
        return Reference.parse(registry.host() + "/" + name);
    }

    private static void await(CountDownLatch latch) {
        await(latch, 20_000);
    }

    private static boolean await(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private interface Attempt {
        Object run() throws Exception;
    }

    private static Kind kind(Attempt attempt) {
        return assertThrows(RegistryException.class, attempt::run).kind();
    }
}
