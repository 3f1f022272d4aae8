package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.image.TestImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.registry.RepositoryPattern;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.Serving;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who sees what this host has pulled with credentials, and what it has fetched in another registry's stead.
class GuardedImagesTest {
    private static final TestImage SECRET = TestImage.of("shared", "secret");
    private static final TestImage OPEN = TestImage.of("shared", "open");
    private static final Digest SECRET_LAYER = SECRET.layer(1);

    @TempDir
    Path root;

    private RegistryRig rig;
    private HostileRegistry upstream;
    private Digest secret;

    @BeforeEach
    void pull() throws Exception {
        rig = RegistryRig.open(root);
        upstream = new HostileRegistry();
        upstream.play(GuardedImagesTest::refuseStrangers);
        secret = SECRET.serve(upstream, "v1").digest();
        OPEN.serve(upstream, "open");
        pull("acme/secret", "v1");
        pull("tools/open", "open");
    }

    @AfterEach
    void close() {
        rig.close();
        upstream.close();
    }

    /// What has to do with secrets is for those with a password.
    private static boolean refuseStrangers(HttpExchange exchange) throws IOException {
        boolean open = !exchange.getRequestURI().getPath().contains("/secret/")
                || exchange.getRequestHeaders().containsKey("Authorization");
        if (!open) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"upstream\"");
            HostileRegistry.status(exchange, 401);
        }
        return !open;
    }

    private void pull(String path, String tag) throws Exception {
        Keyring keyring = new Keyring(
                List.of(new Keyring.Key(RepositoryPattern.parse(upstream.host()), new Credentials("anna", "secret"))));
        Reference name = new Reference(new Repository(upstream.host(), path), tag, null);
        PullOutcome outcome = rig.images.pull(
                new PullRequest(name, Platform.host(), keyring, PullPolicy.ALWAYS), PullProgress.SILENT);
        Digest digest = assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                .image()
                .digest();
        rig.images.name(Reference.parse(path + ":" + tag), digest);
    }

    @Test
    void who_shows_no_password_sees_only_what_came_without_one() throws Exception {
        assertEquals(404, get("/v2/acme/secret/manifests/v1"));
        assertEquals(404, get("/v2/acme/secret/manifests/" + secret));
        assertEquals(404, get("/v2/acme/secret/blobs/" + SECRET_LAYER));
        assertEquals(404, get("/v2/acme/secret/blobs/" + SECRET.layer(0)));
        assertEquals(404, get("/v2/acme/secret/tags/list"));
        assertEquals(404, get("/v2/tools/open/blobs/" + SECRET_LAYER));

        assertEquals(200, get("/v2/tools/open/manifests/open"));
        assertEquals(200, get("/v2/tools/open/blobs/" + OPEN.layer(0)));
        assertEquals("{\"repositories\":[\"tools/open\"]}", body("/v2/_catalog"));
    }

    @Test
    void where_the_registry_says_so_everybody_sees_all() throws Exception {
        rig.showGuarded();

        assertEquals(200, get("/v2/acme/secret/manifests/v1"));
        assertEquals(200, get("/v2/acme/secret/blobs/" + SECRET_LAYER));
        assertEquals("{\"name\":\"acme/secret\",\"tags\":[\"v1\"]}", body("/v2/acme/secret/tags/list"));
        assertEquals("{\"repositories\":[\"acme/secret\",\"tools/open\"]}", body("/v2/_catalog"));
    }

    @Test
    void who_shows_a_token_sees_all_that_his_rules_allow() throws Exception {
        List<Serving.User> users = List.of(
                new Serving.User("acme", "one", List.of("acme/*"), List.of()),
                new Serving.User("guest", "two", List.of("tools/*"), List.of()));
        for (Serving.Access access : Serving.Access.values()) {
            rig.serve(access, users, List.of(), false);
            String acme = token("acme", "one");
            String guest = token("guest", "two");

            assertEquals(200, get("/v2/acme/secret/manifests/v1", "Authorization", acme), access::name);
            assertEquals(200, get("/v2/acme/secret/blobs/" + SECRET_LAYER, "Authorization", acme), access::name);
            assertEquals(
                    access == Serving.Access.TOKEN ? 403 : 404,
                    get("/v2/acme/secret/manifests/v1", "Authorization", guest));
            assertEquals("{\"repositories\":[\"tools/open\"]}", body("/v2/_catalog", "Authorization", guest));
            assertTrue(body("/v2/_catalog", "Authorization", acme).contains("acme/secret"), access::name);
        }
    }

    @Test
    void who_may_push_gets_no_right_to_bytes_that_he_does_not_see() throws Exception {
        byte[] manifest = ManifestCodec.write(SECRET.manifest());

        HttpResponse<byte[]> pushed = rig.manifest("acme/secret", "mine", MediaType.OCI_MANIFEST, manifest);
        HttpResponse<byte[]> mounted =
                rig.send("POST", "/v2/acme/mine/blobs/uploads/?from=acme/secret&mount=" + SECRET_LAYER);

        RegistryRig.expect(404, pushed);
        assertTrue(new String(pushed.body(), UTF_8).contains("MANIFEST_BLOB_UNKNOWN"));
        assertEquals(202, mounted.statusCode());
        assertEquals(404, get("/v2/acme/secret/blobs/" + SECRET_LAYER));
    }

    @Test
    void what_was_fetched_in_anothers_stead_is_shown_to_those_who_ask_for_that_registry() throws Exception {
        rig.mirror(Repository.DOCKER_HUB, "quay.example");
        ServedImage image = ServedImage.of("mirrored");
        StoredManifest manifest = StoredManifest.read(image.manifest(), MediaType.OCI_MANIFEST, null);
        rig.repositories.mirror(
                new Repository(Repository.DOCKER_HUB, "acme/tool"), manifest, image.manifest(), Optional.of("v1"));
        String path = "/v2/acme/tool/manifests/" + image.digest();

        assertEquals(404, get(path));
        assertEquals(404, get("/v2/acme/tool/blobs/" + image.digest()));
        assertEquals(404, get("/v2/acme/tool/tags/list"));
        assertEquals(200, get(path + "?ns=docker.io"));
        assertEquals(404, get(path + "?ns=ghcr.io"));
        rig.mirror(Repository.DOCKER_HUB);
        assertEquals(200, get(path), "there is one that he may mean");
        rig.mirror();
        assertEquals(404, get(path));
        assertEquals(404, get(path + "?ns=docker.io"));
    }

    @Test
    void what_was_fetched_with_credentials_in_anothers_stead_is_shown_as_images_are_that_came_so() throws Exception {
        logInToUpstream();
        rig.mirror(upstream.host());
        String there = "?ns=" + upstream.host();
        String manifest = "/v2/deep/secret/tool/manifests/v1" + there;
        String blob = "/v2/deep/secret/tool/blobs/" + SECRET_LAYER + there;

        assertEquals(404, get(manifest));
        assertEquals(404, get("/v2/deep/secret/tool/manifests/" + secret + there));
        assertEquals(404, get(blob));
        assertEquals(200, get("/v2/tools/open/manifests/open" + there));
        assertEquals(200, get("/v2/tools/open/blobs/" + OPEN.layer(1) + there));
        StoredManifest kept = rig.repositories
                .contents(new Repository(upstream.host(), "deep/secret/tool"))
                .manifests()
                .get(secret);
        assertTrue(kept.guarded());
        Repositories again = new Repositories(
                root.resolve("repositories"), rig.content, InstantSource.system(), InstantSource.system());
        again.start();
        assertEquals(
                kept,
                again.contents(new Repository(upstream.host(), "deep/secret/tool"))
                        .manifests()
                        .get(secret));

        rig.showGuarded();
        assertEquals(200, get(manifest));
        assertEquals(200, get(blob));
    }

    @Test
    void a_manifest_of_another_registry_does_not_open_what_only_guarded_images_have() throws Exception {
        try (HostileRegistry liar = new HostileRegistry();
                HostileRegistry honest = new HostileRegistry()) {
            SECRET.serve(liar, "v1");
            liar.play(SECRET_LAYER.hex(), 99, exchange -> HostileRegistry.status(exchange, 404));
            SECRET.serve(honest, "v1");
            rig.mirror(liar.host(), honest.host());
            String atLiar = "?ns=" + liar.host();
            String atHonest = "?ns=" + honest.host();
            assertEquals(200, get("/v2/tool/manifests/v1" + atLiar));
            assertEquals(200, get("/v2/tool/manifests/v1" + atHonest));

            assertEquals(404, get("/v2/tool/blobs/" + SECRET_LAYER + atLiar));
            assertEquals(200, get("/v2/tool/blobs/" + SECRET_LAYER + atHonest));
            assertEquals(200, get("/v2/tool/blobs/" + SECRET_LAYER + atHonest));
            assertEquals(404, get("/v2/tool/blobs/" + SECRET_LAYER + atLiar), "what one has is not the other's");

            assertEquals(1, honest.seen(SECRET_LAYER.hex()).size());
            assertEquals(200, get("/v2/tool/blobs/" + SECRET.layer(0) + atLiar), "anybody may have that");
            assertEquals(List.of(), liar.seen(SECRET.layer(0).hex()));
        }
    }

    @Test
    void a_manifest_of_another_registry_does_not_open_what_a_guarded_copy_has() throws Exception {
        showPasswordToUpstream();
        try (HostileRegistry liar = new HostileRegistry()) {
            SECRET.serve(liar, "v1");
            liar.play(SECRET_LAYER.hex(), 99, exchange -> HostileRegistry.status(exchange, 404));
            rig.mirror(liar.host(), upstream.host());
            rig.showGuarded();
            assertEquals(200, get("/v2/deep/secret/tool/manifests/v1?ns=" + upstream.host()));
            assertEquals(200, get("/v2/deep/secret/tool/blobs/" + SECRET_LAYER + "?ns=" + upstream.host()));
            rig.hideGuarded();
            assertEquals(200, get("/v2/tool/manifests/v1?ns=" + liar.host()));

            assertEquals(404, get("/v2/tool/blobs/" + SECRET_LAYER + "?ns=" + liar.host()));
        }
    }

    @Test
    void what_comes_for_a_guarded_copy_is_not_shown_to_others_meanwhile() throws Exception {
        showPasswordToUpstream();
        byte[] layer = SECRET.blobs().get(1);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        upstream.play(SECRET_LAYER.hex(), 99, exchange -> {
            if (refuseStrangers(exchange)) {
                return true;
            }
            exchange.sendResponseHeaders(200, layer.length);
            exchange.getResponseBody().write(layer, 0, layer.length / 2);
            exchange.getResponseBody().flush();
            asked.countDown();
            await(released);
            exchange.getResponseBody().write(layer, layer.length / 2, layer.length - layer.length / 2);
            exchange.close();
            return true;
        });
        try (HostileRegistry liar = new HostileRegistry();
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            SECRET.serve(liar, "v1");
            CountDownLatch refused = new CountDownLatch(1);
            liar.play(SECRET_LAYER.hex(), 99, exchange -> {
                refused.countDown();
                return HostileRegistry.status(exchange, 404);
            });
            rig.mirrorFor(new Serving.User("bea", "one", List.of("*"), List.of()), liar.host(), upstream.host());
            String token = token("bea", "one");
            String there = "?ns=" + upstream.host();
            assertEquals(200, get("/v2/deep/secret/tool/manifests/v1" + there, "Authorization", token));
            Future<String> member = clients.submit(
                    () -> body("/v2/deep/secret/tool/blobs/" + SECRET_LAYER + there, "Authorization", token));
            await(asked);
            assertEquals(200, get("/v2/tool/manifests/v1?ns=" + liar.host()));

            Future<Integer> stranger =
                    clients.submit(() -> get("/v2/tool/blobs/" + SECRET_LAYER + "?ns=" + liar.host()));
            await(refused);

            try {
                assertGetsNothing(stranger);
            } finally {
                released.countDown();
            }
            assertEquals(new String(layer, UTF_8), member.get());
        }
    }

    /// An answer that has begun when the other registry refuses breaks off; one that has not says so.
    private static void assertGetsNothing(Future<Integer> stranger) throws InterruptedException {
        try {
            int status = stranger.get();
            assertTrue(status >= 400, () -> "answered " + status);
        } catch (ExecutionException e) {
            assertInstanceOf(IOException.class, e.getCause());
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IOException("it did not happen within 20 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /// What comes from there in another registry's stead comes with a password from now on, and nothing has before.
    private void showPasswordToUpstream() throws Exception {
        rig.images.remove(secret);
        logInToUpstream();
    }

    private void logInToUpstream() {
        rig.client.use(() -> new RegistrySettings(Map.of(
                upstream.host(),
                new RegistrySettings.Host(
                        List.of(),
                        false,
                        "",
                        new Keyring(List.of(new Keyring.Key(
                                RepositoryPattern.parse(upstream.host()), new Credentials("anna", "secret"))))))));
    }

    private String token(String name, String password) throws Exception {
        String pair = Base64.getEncoder().encodeToString((name + ":" + password).getBytes(UTF_8));
        HttpResponse<byte[]> response =
                RegistryRig.expect(200, rig.send("GET", "/token", "Authorization", "Basic " + pair));
        return "Bearer "
                + new ObjectMapper().readTree(response.body()).path("token").asText();
    }

    private int get(String path, String... headers) throws Exception {
        return rig.send("GET", path, headers).statusCode();
    }

    private String body(String path, String... headers) throws Exception {
        return new String(
                RegistryRig.expect(200, rig.send("GET", path, headers)).body(), UTF_8);
    }
}
