package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RepositoryPattern;
import dev.slipway.engine.repository.RepositoryContents;
import dev.slipway.engine.repository.StoredManifest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pushes of indexes that a stranger wrote.
class HostileIndexPushTest {
    private static final String TOO_MUCH = "its index could not be had whole: the index lists too much";

    @TempDir
    private Path root;

    private RelayRig rig;
    private ImagePusher pusher;

    @BeforeEach
    void open() throws Exception {
        rig = new RelayRig(root);
        pusher = rig.pusher(Runnable::run);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private PushOutcome.Pushed pushed() {
        return RelayRig.pushed(
                pusher.push(rig.order(Optional.of(rig.index), rig.origin()), ImagePusher.Progress.SILENT));
    }

    /// Pulls an index of the image for this host and of something else.
    private void pull(Descriptor... others) throws Exception {
        List<Descriptor> all = new ArrayList<>(List.of(RelayRig.on(Platform.host(), rig.image.descriptor())));
        for (Descriptor each : others) {
            all.add(RelayRig.on(RelayRig.OTHER, each));
        }
        rig.pullIndexOf(all);
    }

    /// An index inside others.
    private Descriptor nested(int number, List<Descriptor> manifests, String text) {
        ImageIndex index = new ImageIndex(MediaType.OCI_INDEX, manifests, Map.of("number", number + text));
        return rig.source.manifest("", MediaType.OCI_INDEX, ManifestCodec.write(index));
    }

    /// An image for this host that came with credentials, from where nobody comes without.
    private TestImage pullGuarded() {
        TestImage secret = TestImage.of("secret of this house");
        secret.serve(rig.source, "secret");
        List<String> digests = List.of(
                secret.layer(0).value(),
                Digest.sha256(secret.config()).value(),
                "secret",
                digest(secret).value());
        rig.source.play(exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean isSecret = digests.stream().anyMatch(path::endsWith);
            boolean isOpen = !isSecret || exchange.getRequestHeaders().containsKey("Authorization");
            if (isSecret && !path.startsWith("/v2/secret/")) {
                return HostileRegistry.status(exchange, 404);
            }
            if (!isOpen) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
                return HostileRegistry.status(exchange, 401);
            }
            return false;
        });
        pullGuarded(rig.host.reference("secret", "secret"), Platform.host());
        return secret;
    }

    private LocalImage pullGuarded(Reference name, Platform platform) {
        String repository = name.repository().host() + "/" + name.repository().path();
        Keyring keyring = new Keyring(
                List.of(new Keyring.Key(RepositoryPattern.parse(repository), new Credentials("anna", "secret"))));
        PullOutcome outcome = rig.host.images.pull(
                new PullRequest(name, platform, keyring, PullPolicy.IF_NOT_PRESENT), PullProgress.SILENT);
        LocalImage image = assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                .image();
        assertTrue(image.guarded());
        return image;
    }

    /// Pulls an index that lists an image of layers that are somebody else's.
    private void pullThiefOf(TestImage other) throws Exception {
        ImageManifest thief = new ImageManifest(
                rig.other.manifest().config(), other.manifest().layers());
        pull(rig.source.manifest("", MediaType.OCI_MANIFEST, ManifestCodec.write(thief)));
    }

    private static Digest digest(TestImage image) {
        return Digest.sha256(ManifestCodec.write(image.manifest()));
    }

    @Test
    void a_guarded_image_that_an_index_names_is_not_sent() throws Exception {
        TestImage secret = pullGuarded();
        pull(Descriptor.of(MediaType.OCI_MANIFEST, ManifestCodec.write(secret.manifest())));

        PushOutcome.Pushed outcome = pushed();

        assertEquals(rig.image.digest(), outcome.digest());
        assertFalse(rig.pushed.containsKey(digest(secret).value()));
        assertFalse(rig.pushed.containsKey(secret.layer(0).value()));
    }

    @Test
    void a_layer_of_a_guarded_image_that_an_image_names_is_not_sent() throws Exception {
        TestImage secret = pullGuarded();
        pullThiefOf(secret);

        PushOutcome.Pushed outcome = pushed();

        assertEquals(rig.image.digest(), outcome.digest());
        assertFalse(rig.pushed.containsKey(secret.layer(0).value()));
        assertTrue(
                rig.source.seen("/v2/web/blobs/" + secret.layer(0)).size() > 0, "it is asked for where it should be");
    }

    @Test
    void a_layer_that_another_repository_of_the_target_has_is_not_mounted_from_there() throws Exception {
        TestImage secret = pullGuarded();
        LocalImage guarded = rig.host.images.find(digest(secret)).orElseThrow();
        Repository named = new Repository(rig.target.host(), "secret/named");
        rig.host.images.name(new Reference(named, "v1", null), guarded.digest());

        for (String path : List.of("secret/named", "secret/noted")) {
            pullThiefOf(secret);
            assertEquals(rig.image.digest(), pushed().digest());
            assertEquals(
                    List.of(), rig.target.seen(request -> request.query().contains("mount=" + secret.layer(0))), path);
            pusher.noteAt(new Repository(rig.target.host(), "secret/noted"), guarded);
        }
        assertFalse(rig.pushed.containsKey(secret.layer(0).value()));
    }

    @Test
    void a_guarded_index_of_which_all_is_here_is_sent_from_here() throws Exception {
        pull(TestImage.of(RelayRig.OTHER, "both").serve(rig.source, ""));
        rig.host.images.remove(rig.image.digest());
        rig.source.play(exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            return !exchange.getRequestHeaders().containsKey("Authorization") && HostileRegistry.status(exchange, 401);
        });
        Reference name = rig.host.reference("web", "v1");
        pullGuarded(name, RelayRig.OTHER);
        rig.image = pullGuarded(name, Platform.host());
        int asked = rig.source.seen("/v2/web/").size();

        assertEquals(rig.index, pushed().digest());
        assertEquals(asked, rig.source.seen("/v2/web/").size());
    }

    @Test
    void what_was_made_here_is_not_sent() throws Exception {
        TestImage made = TestImage.of("made");
        assertFalse(rig.host.made(made, "made").guarded());
        pullThiefOf(made);

        assertEquals(rig.image.digest(), pushed().digest());
        assertFalse(rig.pushed.containsKey(made.layer(0).value()));
    }

    @Test
    void what_came_from_a_repository_of_this_host_is_not_sent() throws Exception {
        TestImage own = TestImage.of("team");
        LocalImage image = rig.host.made(own, "team");
        Reference name = new Reference(new Repository("own.example", "team/app"), "v1", null);
        byte[] manifest = ManifestCodec.write(own.manifest());
        image.parts().forEach(part -> rig.host.repositories.lease(name.repository(), part));
        rig.host.repositories.put(
                name.repository(),
                StoredManifest.read(manifest, MediaType.OCI_MANIFEST, null),
                manifest,
                new RepositoryContents.Naming(Set.of("v1"), ""));
        rig.host.images.remove(image.digest());
        PullOutcome outcome = rig.host.images.pull(new PullRequest(name), PullProgress.SILENT);
        assertFalse(assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                .image()
                .guarded());
        pullThiefOf(own);

        assertEquals(rig.image.digest(), pushed().digest());
        assertFalse(rig.pushed.containsKey(own.layer(0).value()));
    }

    @Test
    void what_anybody_may_have_is_sent_from_here() throws Exception {
        TestImage open = TestImage.of("for everybody");
        Descriptor manifest = open.serve(rig.source, "open");
        rig.host.pulled("open", "open");
        pull(manifest);

        assertEquals(rig.index, pushed().digest());
        assertEquals(List.of(), rig.source.seen("/v2/web/blobs/" + open.layer(0)));
        assertTrue(rig.pushed.containsKey(open.layer(0).value()));
    }

    @Test
    void a_layer_of_another_size_than_it_says_leaves_the_image_alone() throws Exception {
        Descriptor layer = rig.image.manifest().layers().getFirst();
        ImageManifest liar = new ImageManifest(
                rig.other.manifest().config(),
                List.of(new Descriptor(layer.mediaType(), layer.digest(), layer.sizeBytes() + 1)));
        Descriptor manifest = rig.source.manifest("", MediaType.OCI_MANIFEST, ManifestCodec.write(liar));
        rig.pullIndexOf(
                List.of(RelayRig.on(RelayRig.OTHER, manifest), RelayRig.on(Platform.host(), rig.image.descriptor())));

        assertEquals(rig.image.digest(), pushed().digest());
    }

    @Test
    void an_index_of_more_than_ten_thousand_blobs_leaves_the_image_alone() throws Exception {
        List<Descriptor> manifests = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            List<Descriptor> layers = new ArrayList<>();
            for (int j = 0; j < ManifestCodec.MOST_LAYERS; j++) {
                layers.add(Descriptor.of(
                        MediaType.OCI_LAYER_GZIP, "%d of %d".formatted(j, i).getBytes(StandardCharsets.UTF_8)));
            }
            ImageManifest image = new ImageManifest(rig.other.manifest().config(), layers);
            manifests.add(rig.source.manifest("", MediaType.OCI_MANIFEST, ManifestCodec.write(image)));
        }
        pull(manifests.toArray(Descriptor[]::new));

        PushOutcome.Pushed outcome = pushed();

        assertEquals(rig.image.digest(), outcome.digest());
        assertEquals(TOO_MUCH, outcome.remark());
    }

    @Test
    void an_index_of_more_bytes_of_manifests_than_allowed_leaves_the_image_alone() throws Exception {
        String text = "x".repeat(100_000);
        pull(nested(1, List.of(), text), nested(2, List.of(), text));
        pusher = new ImagePusher(rig.host.sources(), rig.host.client, Runnable::run, 220_000);
        assertEquals(rig.index, pushed().digest());
        rig.pushed.clear();
        pull(nested(1, List.of(), text), nested(2, List.of(), text), nested(3, List.of(), text));

        PushOutcome.Pushed outcome = pushed();

        assertEquals(rig.image.digest(), outcome.digest());
        assertEquals(TOO_MUCH, outcome.remark());
    }

    @Test
    void an_index_four_deep_leaves_the_image_alone() throws Exception {
        Descriptor inner = nested(3, List.of(nested(4, List.of(), "")), "");
        Descriptor allowed = nested(2, List.of(inner), "");
        pull(allowed);
        assertEquals(rig.index, pushed().digest());
        rig.pushed.clear();
        pull(nested(1, List.of(allowed), ""));

        PushOutcome.Pushed outcome = pushed();

        assertEquals(rig.image.digest(), outcome.digest());
        assertEquals(TOO_MUCH, outcome.remark());
    }

    @Test
    void an_index_of_something_that_is_no_manifest_leaves_the_image_alone() throws Exception {
        byte[] odd = "{\"schemaVersion\": 2, \"mediaType\": \"application/odd\"}".getBytes(StandardCharsets.UTF_8);
        Descriptor manifest = rig.source.manifest("", new MediaType("application/odd"), odd);
        rig.pullIndexOf(
                List.of(RelayRig.on(Platform.host(), rig.image.descriptor()), RelayRig.on(RelayRig.OTHER, manifest)));

        assertEquals(rig.image.digest(), pushed().digest());
    }

    @Test
    void an_index_of_more_than_a_thousand_manifests_leaves_the_image_alone() throws Exception {
        List<Descriptor> many = new ArrayList<>(List.of(RelayRig.on(Platform.host(), rig.image.descriptor())));
        for (int i = 0; i < 1000; i++) {
            ImageIndex empty = new ImageIndex(MediaType.OCI_INDEX, List.of(), Map.of("number", "" + i));
            many.add(RelayRig.on(
                    RelayRig.OTHER, rig.source.manifest("", MediaType.OCI_INDEX, ManifestCodec.write(empty))));
        }
        rig.pullIndexOf(many);

        PushOutcome.Pushed outcome = pushed();

        assertEquals(rig.image.digest(), outcome.digest());
        assertEquals("its index could not be had whole: the index lists too much", outcome.remark());
    }
}
