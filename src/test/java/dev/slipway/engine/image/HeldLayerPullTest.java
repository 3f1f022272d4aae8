package dev.slipway.engine.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.image.PullOutcome.Failed;
import dev.slipway.engine.image.PullOutcome.Pulled;
import dev.slipway.engine.image.PullOutcome.Reason;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RepositoryPattern;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pulls of images with layers that are on this host because somebody with credentials brought them.
class HeldLayerPullTest {
    private static final String SECRET = new Random(1)
            .ints(200_000, 'a', 'z' + 1)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    private static final TestImage PRIVATE = TestImage.of(SECRET, "app");
    private static final TestImage STRANGE = TestImage.of(SECRET, "strange");

    @TempDir
    Path root;

    private ImagesRig rig;
    private HostileRegistry other;

    @BeforeEach
    void start() throws IOException {
        rig = new ImagesRig(root);
        other = new HostileRegistry();
        rig.registry.play(HeldLayerPullTest::refuseStrangers);
        PRIVATE.serve(rig.registry, "v1");
    }

    @AfterEach
    void stop() {
        other.close();
        rig.close();
    }

    private static boolean refuseStrangers(HttpExchange exchange) throws IOException {
        boolean open = !exchange.getRequestURI().getPath().contains("/private/")
                || exchange.getRequestHeaders().containsKey("Authorization");
        if (!open) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            HostileRegistry.status(exchange, 401);
        }
        return !open;
    }

    private PullOutcome pull(HostileRegistry registry, String path, String tag) {
        Keyring keyring = new Keyring(List.of(
                new Keyring.Key(RepositoryPattern.parse(rig.registry.host()), new Credentials("anna", "secret"))));
        Reference reference = new Reference(new Repository(registry.host(), path), tag, null);
        return rig.images.pull(
                new PullRequest(reference, Platform.host(), keyring, PullPolicy.IF_NOT_PRESENT), PullProgress.SILENT);
    }

    private void pullPrivate() {
        PullOutcome outcome = pull(rig.registry, "private/web", "v1");
        assertTrue(assertInstanceOf(Pulled.class, outcome, outcome::toString)
                .image()
                .guarded());
    }

    private Failed failed(PullOutcome outcome) {
        assertEquals(1, rig.images.list().size(), "nothing of it is an image");
        return assertInstanceOf(Failed.class, outcome, outcome::toString);
    }

    /// Serves the strange image in the other registry, with `secret` where the secret layer belongs.
    private void serveStrange(byte[] secret) {
        STRANGE.serve(other, "v1");
        other.play(STRANGE.layer(0).hex(), 99, exchange -> HostileRegistry.send(exchange, secret));
    }

    @Test
    void a_registry_that_only_names_a_guarded_layer_does_not_get_it() {
        pullPrivate();
        STRANGE.serve(other, "v1");
        other.play(STRANGE.layer(0).hex(), 99, exchange -> HostileRegistry.status(exchange, 404));

        Failed failed = failed(pull(other, "strange", "v1"));

        assertEquals(Reason.NOT_FOUND, failed.reason());
        assertTrue(failed.message().contains(STRANGE.layer(0).shortHex()), failed::message);
    }

    @Test
    void a_copy_of_its_manifest_is_no_reason_to_give_a_guarded_layer() throws IOException {
        pullPrivate();
        STRANGE.serve(other, "v1");
        other.play(STRANGE.layer(0).hex(), 99, exchange -> HostileRegistry.status(exchange, 404));
        byte[] manifest = ManifestCodec.write(STRANGE.manifest());
        rig.repositories.mirror(
                new Repository(other.host(), "strange"),
                StoredManifest.read(manifest, MediaType.OCI_MANIFEST, null),
                manifest,
                Optional.of("v1"));

        assertEquals(Reason.NOT_FOUND, failed(pull(other, "strange", "v1")).reason());
    }

    @Test
    void a_registry_that_pretends_to_have_a_guarded_layer_does_not_get_it() {
        pullPrivate();
        serveStrange(new byte[PRIVATE.blobs().getFirst().length]);

        assertEquals(Reason.CORRUPT, failed(pull(other, "strange", "v1")).reason());
    }

    @Test
    void a_layer_cannot_be_had_by_a_lie_about_its_size() {
        pullPrivate();
        byte[] start = Arrays.copyOf(PRIVATE.blobs().getFirst(), 1);
        byte[] manifest = new String(ManifestCodec.write(STRANGE.manifest()), UTF_8)
                .replace("\"size\":" + PRIVATE.blobs().getFirst().length, "\"size\":1")
                .getBytes(UTF_8);
        serveStrange(start);
        other.manifest("v1", MediaType.OCI_MANIFEST, manifest);

        Failed failed = failed(pull(other, "strange", "v1"));

        assertEquals(Reason.CORRUPT, failed.reason());
        assertTrue(failed.message().contains("another size"), failed::message);
    }

    @Test
    void a_registry_that_has_a_guarded_layer_too_is_asked_for_a_piece_of_it() {
        pullPrivate();
        STRANGE.serve(other, "v1");

        Pulled pulled = assertInstanceOf(Pulled.class, pull(other, "strange", "v1"));

        assertEquals(STRANGE.blobs().getLast().length, pulled.fetchedBytes());
        List<HostileRegistry.Seen> asked = other.seen(STRANGE.layer(0).hex());
        assertEquals(1, asked.size());
        String[] ends = asked.getFirst().header("Range").split("[=-]");
        assertEquals(65_535, Integer.parseInt(ends[2]) - Integer.parseInt(ends[1]), "no more is asked for");
    }

    @Test
    void a_registry_that_ignores_ranges_may_send_the_whole() {
        pullPrivate();
        serveStrange(PRIVATE.blobs().getFirst());

        assertInstanceOf(Pulled.class, pull(other, "strange", "v1"));
    }

    @Test
    void a_guarded_layer_costs_its_own_repository_no_request() throws IOException {
        pullPrivate();
        TestImage next = TestImage.of(SECRET, "next");
        next.serve(rig.registry, "v2");

        assertInstanceOf(Pulled.class, pull(rig.registry, "private/web", "v2"));

        assertEquals(1, rig.registry.seen(next.layer(0).hex()).size());
        assertEquals(
                2,
                rig.restarted().list().stream()
                        .filter(image ->
                                image.givenBy().equals(Set.of(new Repository(rig.registry.host(), "private/web"))))
                        .count());
    }

    @Test
    void another_repository_of_the_same_registry_has_to_have_the_layer() {
        pullPrivate();
        STRANGE.serve(rig.registry, "strange");
        rig.registry.play("/strange/blobs/" + STRANGE.layer(0), 99, exchange -> HostileRegistry.status(exchange, 404));

        assertEquals(
                Reason.NOT_FOUND,
                failed(pull(rig.registry, "strange", "strange")).reason());
    }

    @Test
    void a_layer_that_anybody_may_have_costs_no_request() {
        assertInstanceOf(Pulled.class, pull(rig.registry, "web", "v1"));
        STRANGE.serve(other, "v1");

        assertInstanceOf(Pulled.class, pull(other, "strange", "v1"));

        assertEquals(List.of(), other.seen(STRANGE.layer(0).hex()));
    }

    @Test
    void a_guarded_config_is_asked_for_again() {
        pullPrivate();
        PRIVATE.serve(other, "v1");
        other.play(PRIVATE.manifest().config().digest().hex(), 99, exchange -> HostileRegistry.status(exchange, 404));

        assertEquals(Reason.NOT_FOUND, failed(pull(other, "strange", "v1")).reason());
    }

    @Test
    void a_config_cannot_name_a_guarded_layer_beside_another_blob() {
        pullPrivate();
        TestImage own = TestImage.of("own");
        own.serve(rig.registry, "own");
        assertInstanceOf(Pulled.class, pull(rig.registry, "own", "own"));
        DiffId secret = TestImage.diffId(SECRET);
        TestImage liar = TestImage.of(Platform.host(), List.of(secret), own.blobs());
        Descriptor served = liar.serve(other, "v1");

        PullOutcome outcome = pull(other, "strange", "v1");

        assertEquals(
                Reason.CORRUPT,
                assertInstanceOf(Failed.class, outcome, outcome::toString).reason());
        assertTrue(rig.images.find(served.digest()).isEmpty());
        assertTrue(rig.trees.isPresent(secret), "it stays for the image that has it");
    }
}
