package dev.slipway.engine.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HostImagesTest {
    private static final TestImage WEB = TestImage.of("base", "web");

    @TempDir
    private Path root;

    private ImagesRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ImagesRig(root);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void a_pulled_image_is_found_by_its_name_and_its_digest() throws IOException {
        Descriptor manifest = WEB.serve(rig.registry, "v1");

        LocalImage image = rig.pulled("team/web", "v1");

        assertEquals(manifest.digest(), image.digest());
        assertEquals(List.of(TestImage.diffId("base"), TestImage.diffId("web")), image.layers());
        assertEquals(Set.of(rig.reference("team/web", "v1")), image.names());
        assertEquals(Optional.of(image), rig.images.find(rig.reference("team/web", "v1")));
        assertEquals(Optional.of(image), rig.images.find(image.digest()));
        assertEquals(List.of(image), rig.images.list());
        assertTrue(rig.content.list().containsAll(Set.of(image.digest(), WEB.layer(0), WEB.layer(1))));
    }

    @Test
    void images_are_there_after_a_restart() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("team/web", "v1");

        HostImages again = rig.restarted();

        assertEquals(List.of(image), again.list());
        assertEquals(Optional.of(image), again.find(rig.reference("team/web", "v1")));
        assertTrue(rig.content.contains(WEB.layer(0)));
    }

    @Test
    void the_content_directory_is_an_oci_layout_that_names_its_images() throws IOException {
        WEB.serve(rig.registry, "v1");
        rig.pulled("team/web", "v1");

        ImageIndex index = assertInstanceOf(
                ImageIndex.class,
                ManifestCodec.parse(Files.readAllBytes(root.resolve("index.json")), MediaType.OCI_INDEX));

        assertEquals(
                rig.reference("team/web", "v1").toString(),
                index.manifests().getFirst().annotations().get("org.opencontainers.image.ref.name"));
    }

    @Test
    void the_image_for_this_platform_is_chosen_from_an_index() {
        Platform other = new Platform("linux", "s390x", "");
        Descriptor mine = WEB.serve(rig.registry, "");
        Descriptor theirs = TestImage.of(other, "x").serve(rig.registry, "");
        byte[] index = ManifestCodec.write(
                new ImageIndex(MediaType.OCI_INDEX, List.of(on(other, theirs), on(Platform.host(), mine)), Map.of()));
        Descriptor top = rig.registry.manifest("v1", MediaType.OCI_INDEX, index);

        LocalImage image = rig.pulled("team/web", "v1");

        assertEquals(mine.digest(), image.digest());
        assertEquals(Optional.of(image), rig.images.find(top.digest()));
        assertEquals(
                Optional.of(image),
                rig.images.find(rig.reference("team/web", "v1").pinned(top.digest())));
        assertEquals(List.of(), rig.registry.seen(theirs.digest().hex()));
    }

    @Test
    void an_image_for_other_platforms_only_is_refused_by_name() {
        TestImage.of(new Platform("linux", "s390x", ""), "x").serve(rig.registry, "v1");

        PullOutcome.Failed failed = rig.failed("team/web", "v1");

        assertEquals(PullOutcome.Reason.NO_MATCHING_PLATFORM, failed.reason());
        assertTrue(failed.message().contains("linux/s390x"), failed.message());
    }

    @Test
    void an_image_that_is_here_is_not_asked_for_again() {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("team/web", "v1");
        int asked = rig.registry.seen("").size();

        PullOutcome again = rig.pull("team/web", "v1", PullPolicy.IF_NOT_PRESENT);

        assertEquals(new PullOutcome.AlreadyPresent(image), again);
        assertEquals(asked, rig.registry.seen("").size());
    }

    @Test
    void never_means_never() {
        WEB.serve(rig.registry, "v1");

        PullOutcome.Failed failed =
                assertInstanceOf(PullOutcome.Failed.class, rig.pull("team/web", "v1", PullPolicy.NEVER));

        assertEquals(PullOutcome.Reason.NEVER_PULL, failed.reason());
        assertEquals(List.of(), rig.registry.seen(""));
    }

    @Test
    void always_asks_for_the_digest_and_fetches_nothing_that_is_here() {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("team/web", "v1");
        int asked = rig.registry.seen("").size();

        PullOutcome again = rig.pull("team/web", "v1", PullPolicy.ALWAYS);

        assertEquals(new PullOutcome.AlreadyPresent(image), again);
        List<HostileRegistry.Seen> seen = rig.registry.seen("");
        assertEquals(asked + 1, seen.size());
        assertEquals("HEAD", seen.getLast().method());
    }

    @Test
    @DisplayName("S56 a moved tag is followed by the next pull, and only then")
    void a_moved_tag_is_followed_by_a_pull_that_asks() {
        WEB.serve(rig.registry, "v1");
        LocalImage first = rig.pulled("team/web", "v1");
        TestImage changed = TestImage.of("base", "web 2");
        Descriptor second = changed.serve(rig.registry, "v1");
        assertEquals(Optional.of(first), rig.images.find(rig.reference("team/web", "v1")));

        PullOutcome.Pulled pulled =
                assertInstanceOf(PullOutcome.Pulled.class, rig.pull("team/web", "v1", PullPolicy.ALWAYS));

        assertEquals(second.digest(), pulled.image().digest());
        assertEquals(changed.blobs().getLast().length, pulled.fetchedBytes());
        assertEquals(Set.of(), rig.images.find(first.digest()).orElseThrow().names());
    }

    @Test
    @DisplayName("S59 two tags of one repository coexist")
    void two_tags_of_one_repository_are_two_images() {
        WEB.serve(rig.registry, "14.04");
        TestImage.of("base", "newer").serve(rig.registry, "16.04");

        LocalImage older = rig.pulled("ubuntu", "14.04");
        LocalImage newer = rig.pulled("ubuntu", "16.04");

        assertEquals(Optional.of(older), rig.images.find(rig.reference("ubuntu", "14.04")));
        assertEquals(Optional.of(newer), rig.images.find(rig.reference("ubuntu", "16.04")));
    }

    @Test
    @DisplayName("S54 images of many repositories of one registry live side by side")
    void the_same_tag_in_two_repositories_is_two_names() {
        WEB.serve(rig.registry, "v1");

        LocalImage one = rig.pulled("web", "v1");
        LocalImage other = rig.pulled("team/app/web", "v1");

        assertEquals(one.digest(), other.digest());
        assertEquals(Set.of(rig.reference("web", "v1"), rig.reference("team/app/web", "v1")), other.names());
    }

    @Test
    @DisplayName("S23 two images fetch and keep the layer they have in common once")
    void a_common_layer_is_fetched_unpacked_and_kept_once() throws IOException {
        WEB.serve(rig.registry, "v1");
        TestImage.of("base", "other").serve(rig.registry, "v2");

        LocalImage web = rig.pulled("web", "v1");
        LocalImage other = rig.pulled("other", "v2");

        assertEquals(1, rig.registry.seen(WEB.layer(0).hex()).size());
        assertEquals(
                1,
                rig.trees.unpacked().stream()
                        .filter(TestImage.diffId("base")::equals)
                        .count());
        assertTrue(rig.images.remove(web.digest()));
        assertTrue(rig.content.contains(WEB.layer(0)));
        assertTrue(rig.trees.isPresent(TestImage.diffId("base")));
        assertFalse(rig.content.contains(WEB.layer(1)));
        assertFalse(rig.trees.isPresent(TestImage.diffId("web")));
        assertTrue(rig.images.remove(other.digest()));
        assertEquals(Set.of(), rig.content.list());
        assertEquals(Set.of(), rig.trees.list());
        assertFalse(rig.images.remove(other.digest()));
    }

    @Test
    void an_image_is_hidden_while_it_is_asked_whether_somebody_needs_it() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage web = rig.pulled("web", "v1");
        List<Optional<LocalImage>> found = new ArrayList<>();

        boolean removed = rig.images.removeUnless(web.digest(), image -> {
            found.add(rig.images.find(image.digest()));
            found.add(rig.images.find(rig.reference("web", "v1")));
            return image.equals(web);
        });

        assertFalse(removed);
        assertEquals(List.of(Optional.empty(), Optional.empty()), found);
        assertEquals(Optional.of(web), rig.images.find(rig.reference("web", "v1")));
        assertEquals(List.of(web), rig.restarted().list());
        assertTrue(rig.trees.isPresent(TestImage.diffId("web")));
    }

    @Test
    void pulls_and_removals_of_images_that_share_a_layer_leave_each_whole_or_gone() throws Exception {
        WEB.serve(rig.registry, "v1");
        TestImage.of("base", "other").serve(rig.registry, "v2");
        for (int i = 0; i < 15; i++) {
            LocalImage web = rig.pulled("web", "v1");
            FutureTask<Boolean> removal = new FutureTask<>(() -> rig.images.remove(web.digest()));
            Thread remover = Thread.ofPlatform().start(removal);

            LocalImage other = rig.pulled("other", "v2");

            remover.join();
            assertTrue(removal.get());
            assertEquals(Set.of(TestImage.diffId("base"), TestImage.diffId("other")), rig.trees.list());
            for (Descriptor layer : other.manifest().layers()) {
                assertTrue(rig.content.contains(layer.digest()), layer.toString());
            }
            assertFalse(rig.content.contains(WEB.layer(1)));
            rig.images.remove(other.digest());
        }
    }

    @Test
    @DisplayName("S56 a name points at one image; moving it is durable")
    void a_name_moves_and_stays_moved() throws IOException {
        WEB.serve(rig.registry, "v1");
        TestImage.of("other").serve(rig.registry, "v2");
        LocalImage first = rig.pulled("web", "v1");
        LocalImage second = rig.pulled("web", "v2");
        Reference latest = rig.reference("web", "latest");

        assertTrue(rig.images.name(latest, first.digest()));
        assertTrue(rig.images.name(latest, second.digest()));

        assertEquals(Optional.of(second.digest()), rig.restarted().find(latest).map(LocalImage::digest));
        assertTrue(rig.images.unname(latest));
        assertFalse(rig.images.unname(latest));
        assertEquals(Optional.empty(), rig.restarted().find(latest));
        assertFalse(rig.images.name(latest, Digest.sha256("nothing".getBytes(UTF_8))));
    }

    @Test
    void an_image_pulled_by_digest_gets_no_name() {
        Descriptor manifest = WEB.serve(rig.registry, "");
        Reference pinned = rig.reference("web", "v1").pinned(manifest.digest());

        PullOutcome outcome = rig.images.pull(new PullRequest(pinned), PullProgress.SILENT);

        LocalImage image = assertInstanceOf(PullOutcome.Pulled.class, outcome).image();
        assertEquals(Set.of(), image.names());
        assertEquals(
                new PullOutcome.AlreadyPresent(image),
                rig.images.pull(
                        new PullRequest(pinned, Platform.host(), Keyring.EMPTY, PullPolicy.ALWAYS),
                        PullProgress.SILENT));
    }

    @Test
    @DisplayName("S50 an image that was made here is present at once, without a registry")
    void a_registered_image_is_present() throws IOException {
        byte[] manifest = ManifestCodec.write(WEB.manifest());
        Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, manifest);
        rig.content.put(descriptor, manifest);
        rig.content.put(WEB.manifest().config(), WEB.config());
        Reference name = rig.reference("mine", "latest");
        assertThrows(IOException.class, () -> rig.images.register(descriptor, Set.of(name), List.of()));

        for (int i = 0; i < WEB.blobs().size(); i++) {
            byte[] blob = WEB.blobs().get(i);
            rig.content.put(WEB.manifest().layers().get(i), blob);
            try (var tree = rig.trees.unpack(
                    TestImage.diffId(i == 0 ? "base" : "web"),
                    MediaType.OCI_LAYER_GZIP,
                    rig.content.open(WEB.layer(i)))) {
                tree.commit();
            }
        }
        LocalImage image = rig.images.register(descriptor, Set.of(name), List.of());

        assertEquals(Optional.of(image), rig.images.find(name));
        assertEquals(List.of(image), rig.restarted().list());
    }

    @Test
    void an_image_with_a_lost_layer_is_not_present_and_a_pull_completes_it() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("web", "v1");
        rig.content.delete(WEB.layer(1));

        HostImages again = rig.restarted();

        assertEquals(List.of(), again.list());
        assertTrue(rig.trees.isPresent(TestImage.diffId("base")));
        PullOutcome outcome = again.pull(new PullRequest(rig.reference("web", "v1")), PullProgress.SILENT);
        assertEquals(image, assertInstanceOf(PullOutcome.Pulled.class, outcome).image());
        assertEquals(1, rig.registry.seen(WEB.layer(0).hex()).size());
    }

    @Test
    void what_no_image_has_is_swept_when_somebody_asks_but_not_what_an_incomplete_image_has() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage web = rig.pulled("web", "v1");
        rig.trees.remove(TestImage.diffId("web"));
        HostImages next = rig.restarted();
        assertEquals(List.of(), next.list());
        byte[] left = "left".getBytes(UTF_8);
        rig.content.put(Descriptor.of(MediaType.OCI_LAYER, left), left);

        assertEquals(1, next.sweep());

        assertFalse(rig.content.contains(Digest.sha256(left)));
        assertTrue(rig.content.contains(web.digest()));
        assertTrue(rig.trees.isPresent(TestImage.diffId("base")), "containers may run from it");
        assertEquals(0, next.sweep());
        next.free(Set.of(web.digest(), TestImage.diffId("base").digest()));
        assertTrue(rig.content.contains(web.digest()), "nor does it go when somebody names it");
        assertTrue(rig.trees.isPresent(TestImage.diffId("base")));
    }

    @Test
    void what_no_image_has_is_swept_at_start() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("web", "v1");
        byte[] orphan = "orphan".getBytes(UTF_8);
        rig.content.put(Descriptor.of(MediaType.OCI_LAYER, orphan), orphan);

        rig.restarted();

        assertFalse(rig.content.contains(Digest.sha256(orphan)));
        assertTrue(rig.content.contains(image.digest()));
    }

    @Test
    void an_unreadable_catalog_is_put_aside_and_frees_nothing() throws IOException {
        WEB.serve(rig.registry, "v1");
        rig.pulled("web", "v1");
        Files.writeString(root.resolve("index.json"), "{");

        HostImages again = rig.restarted();

        assertEquals(List.of(), again.list());
        assertEquals("{", Files.readString(root.resolve("index.json.unreadable")));
        assertTrue(rig.content.contains(WEB.layer(0)));
        again.free(Set.of(WEB.layer(0)));
        assertTrue(rig.content.contains(WEB.layer(0)), "nobody knows who needs it");
    }

    private static Descriptor on(Platform platform, Descriptor manifest) {
        return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.sizeBytes(), platform, Map.of());
    }
}
