package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.Keyring;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images whose layers cannot be joined, or whose documents cannot be read, when the engine starts.
class UnjoinedImageTest {
    private static final TestImage WEB = TestImage.of("base", "web");
    private static final TestImage OTHER = TestImage.of("base", "other");

    @TempDir
    private Path root = Path.of("");

    private ImagesRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ImagesRig(root);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void an_image_outlives_a_start_on_a_full_disk_and_is_joined_when_there_is_room() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("team/web", "v1");
        rig.trees.failToJoinWith(new IOException("no space left on device"));

        HostImages again = rig.restarted();
        again.name(rig.reference("team/web", "v2"), image.digest());

        assertEquals(2, again.list().getFirst().names().size(), "what is written names it");
        rig.trees.failToJoinWith(null);
        rig.trees.joined().clear();
        assertTrue(again.find(image.digest()).isPresent());
        again.find(image.digest());
        assertEquals(List.of(image.layers()), rig.trees.joined(), "once");
        assertEquals(1, rig.restarted().list().size());
    }

    @Test
    void the_disk_is_not_tried_at_each_look() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("team/web", "v1");
        rig.trees.failToJoinWith(new IOException("no space left on device"));
        HostImages again = rig.restarted();
        rig.trees.joined().clear();

        for (int look = 0; look < 100; look++) {
            assertTrue(again.find(image.digest()).isPresent());
        }

        assertEquals(1, rig.trees.joined().size());
    }

    @Test
    void an_image_whose_layers_fit_nowhere_is_not_present() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("team/web", "v1");
        rig.trees.failToJoinWith(new CorruptContentException(image.digest(), "leads nowhere"));

        HostImages again = rig.restarted();

        assertEquals(Optional.empty(), again.find(image.digest()));
        assertTrue(rig.content.contains(image.digest()), "containers may run from it");
    }

    @Test
    void an_image_that_a_later_look_finds_damaged_is_not_present_and_is_pulled_again() throws IOException {
        WEB.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("team/web", "v1");
        rig.trees.failToJoinWith(new IOException("no space left on device"));
        HostImages again = rig.restarted();
        rig.trees.failToJoinWith(new CorruptContentException(image.digest(), "leads nowhere"));

        assertEquals(Optional.empty(), again.find(rig.reference("team/web", "v1")));

        assertEquals(Optional.empty(), again.find(image.digest()));
        assertEquals(List.of(), again.list());
        again.free(image.parts());
        assertTrue(rig.content.contains(image.digest()), "containers may run from it");
        rig.trees.failToJoinWith(null);
        assertInstanceOf(
                PullOutcome.Pulled.class,
                again.pull(
                        new PullRequest(
                                rig.reference("team/web", "v1"),
                                Platform.host(),
                                Keyring.EMPTY,
                                PullPolicy.IF_NOT_PRESENT),
                        PullProgress.SILENT));
        assertTrue(again.find(image.digest()).isPresent());
    }

    @Test
    void an_image_whose_config_is_rotten_keeps_its_parts_and_others_are_freed() throws IOException {
        LocalImage other = served(OTHER, "other");
        LocalImage web = served(WEB, "web");
        rot(web.manifest().config().digest());
        HostImages again = rig.restarted();
        assertEquals(List.of(other), again.list());

        assertTrue(again.remove(other.digest()));

        assertFalse(rig.content.contains(other.digest()));
        assertFalse(rig.content.contains(OTHER.layer(1)));
        assertTrue(rig.trees.list().containsAll(web.layers()), "also what both have");
        assertTrue(rig.content.contains(WEB.layer(0)));
        assertTrue(rig.content.contains(WEB.layer(1)));
    }

    @Test
    void of_an_image_whose_manifest_is_rotten_all_layers_may_be() throws IOException {
        LocalImage other = served(OTHER, "other");
        LocalImage web = served(WEB, "web");
        rot(web.digest());
        HostImages again = rig.restarted();

        assertTrue(again.remove(other.digest()));

        assertFalse(rig.content.contains(OTHER.layer(1)), "what it was packed in can be fetched again");
        assertTrue(rig.trees.list().containsAll(other.layers()));
        assertTrue(rig.trees.list().containsAll(web.layers()));
        assertTrue(rig.content.contains(WEB.layer(1)));
    }

    @Test
    void a_layer_that_another_image_has_packed_otherwise_stays_for_one_whose_config_is_rotten() throws IOException {
        ByteArrayOutputStream otherwise = new ByteArrayOutputStream();
        otherwise.write(TestImage.gzip(""));
        otherwise.write(TestImage.gzip("base"));
        LocalImage other = served(
                TestImage.of(Platform.host(), List.of(TestImage.diffId("base")), List.of(otherwise.toByteArray())),
                "other");
        LocalImage web = served(WEB, "web");
        rot(web.manifest().config().digest());

        assertTrue(rig.restarted().remove(other.digest()));

        assertTrue(rig.trees.isPresent(TestImage.diffId("base")), "containers may run from it");
    }

    @Test
    void what_a_later_look_found_damaged_stays_over_starts_though_the_catalog_was_written() throws IOException {
        LocalImage other = served(OTHER, "other");
        LocalImage web = served(WEB, "web");
        rig.trees.failToJoinWith(new IOException("no space left on device"));
        HostImages damaged = rig.restarted();
        CorruptContentException corrupt = new CorruptContentException(web.digest(), "leads nowhere");
        rig.trees.failToJoinWith(corrupt);
        assertEquals(Optional.empty(), damaged.find(web.digest()));
        rig.trees.failToJoinWith(null);

        damaged.name(rig.reference("other", "v2"), other.digest());

        rig.trees.failToJoinWith(corrupt);
        assertEquals(List.of(), rig.restarted().list());
        assertTrue(rig.trees.list().containsAll(web.layers()), "containers may run from it");
        rig.trees.failToJoinWith(null);
        assertEquals(Optional.of(web), rig.restarted().find(rig.reference("web", "v1")), "it was not so bad");
    }

    @Test
    void what_starts_found_incomplete_stays_though_the_catalog_was_written() throws IOException {
        LocalImage other = served(OTHER, "other");
        LocalImage web = served(WEB, "web");
        rig.content.delete(WEB.layer(1));

        startAndWrite(other);

        assertTrue(rig.trees.list().containsAll(web.layers()), "containers may run from it");
        assertPulledAgain();
    }

    @Test
    void what_starts_could_not_read_stays_though_the_catalog_was_written() throws IOException {
        LocalImage other = served(OTHER, "other");
        LocalImage web = served(WEB, "web");
        rot(web.manifest().config().digest());

        startAndWrite(other);

        assertTrue(rig.trees.list().containsAll(web.layers()), "containers may run from it");
        assertPulledAgain();
    }

    @Test
    void what_an_unreadable_catalog_named_stays_until_that_is_removed() throws IOException {
        LocalImage web = served(WEB, "web");
        Files.writeString(root.resolve("index.json"), "{");
        rig.restarted();
        rig.restarted().sweep();
        assertTrue(rig.trees.list().containsAll(web.layers()), "no image has been pulled since");
        OTHER.serve(rig.registry, "v1");
        PullOutcome pulled = rig.restarted().pull(new PullRequest(rig.reference("other", "v1")), PullProgress.SILENT);
        LocalImage other = assertInstanceOf(PullOutcome.Pulled.class, pulled).image();

        rig.restarted().sweep();

        assertTrue(rig.trees.list().containsAll(web.layers()), "containers may run from it");
        assertTrue(rig.restarted().removeUnless(other.digest(), image -> false));
        assertFalse(rig.trees.isPresent(TestImage.diffId("other")), "what came later is known");
        assertEquals(0, rig.restarted().list().size());
        rig.restarted().pull(new PullRequest(rig.reference("other", "v1")), PullProgress.SILENT);
        Files.delete(root.resolve("index.json.kept"));
        assertEquals(1, rig.restarted().list().size());
        assertFalse(rig.trees.isPresent(TestImage.diffId("web")));
        assertTrue(rig.trees.isPresent(TestImage.diffId("other")));
    }

    private void startAndWrite(LocalImage whole) throws IOException {
        for (int start = 0; start < 3; start++) {
            HostImages again = rig.restarted();
            assertEquals(1, again.list().size());
            assertTrue(again.name(rig.reference("other", "start" + start), whole.digest()));
        }
    }

    private void assertPulledAgain() throws IOException {
        PullOutcome outcome = rig.restarted().pull(new PullRequest(rig.reference("web", "v1")), PullProgress.SILENT);
        assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString);
        assertEquals(2, rig.restarted().list().size());
    }

    @Test
    void what_is_lost_and_nobody_needs_is_forgotten_and_freed() throws IOException {
        LocalImage other = served(OTHER, "other");
        LocalImage web = served(WEB, "web");
        rig.content.delete(WEB.layer(1));
        HostImages again = rig.restarted();
        List<Set<Digest>> asked = new ArrayList<>();

        again.forgetLost(asked::add);

        assertEquals(List.of(Set.of(web.digest())), asked);
        rig.restarted();
        assertTrue(rig.trees.list().containsAll(web.layers()), "it was needed");
        again.forgetLost(lost -> false);
        assertEquals(Set.copyOf(other.layers()), rig.trees.list());
        assertFalse(rig.content.contains(WEB.manifest().config().digest()));
        assertTrue(rig.content.contains(WEB.layer(0)), "the other one has it, too");
        assertEquals(List.of(other), rig.restarted().list());
    }

    @Test
    void what_a_later_look_found_damaged_is_freed_when_nobody_needs_it() throws IOException {
        LocalImage web = served(WEB, "web");
        rig.trees.failToJoinWith(new IOException("no space left on device"));
        HostImages damaged = rig.restarted();
        rig.trees.failToJoinWith(new CorruptContentException(web.digest(), "leads nowhere"));
        assertEquals(Optional.empty(), damaged.find(web.digest()));

        damaged.forgetLost(lost -> false);

        assertEquals(Set.of(), rig.trees.list());
        assertEquals(Set.of(), rig.content.list());
    }

    @Test
    void what_was_spared_for_an_unreadable_image_is_freed_when_all_of_them_are_pulled_again() throws IOException {
        TestImage third = TestImage.of("third");
        served(OTHER, "other");
        served(WEB, "web");
        LocalImage gone = served(third, "third");
        rot(WEB.manifest().config().digest());
        rot(OTHER.manifest().config().digest());
        HostImages again = rig.restarted();
        assertTrue(again.remove(gone.digest()));
        assertTrue(rig.trees.isPresent(TestImage.diffId("third")), "one of them may have it");

        WEB.serve(rig.registry, "v1");
        pull(again, "web");
        assertTrue(rig.trees.isPresent(TestImage.diffId("third")), "the other may still have it");
        OTHER.serve(rig.registry, "v1");
        pull(again, "other");

        assertFalse(rig.trees.isPresent(TestImage.diffId("third")));
        assertEquals(
                Set.of(TestImage.diffId("base"), TestImage.diffId("web"), TestImage.diffId("other")), rig.trees.list());
    }

    private void pull(HostImages images, String path) {
        PullOutcome outcome = images.pull(new PullRequest(rig.reference(path, "v1")), PullProgress.SILENT);
        assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString);
    }

    @Test
    void the_name_of_what_is_lost_moves_to_what_is_pulled_by_it() throws IOException {
        LocalImage web = served(WEB, "web");
        byte[] layer = rig.content.read(WEB.layer(1), 1000);
        rig.content.delete(WEB.layer(1));
        HostImages again = rig.restarted();
        Descriptor newer = OTHER.serve(rig.registry, "v1");

        again.pull(new PullRequest(rig.reference("web", "v1")), PullProgress.SILENT);
        rig.content.put(web.manifest().layers().get(1), layer);

        HostImages healed = rig.restarted();
        assertEquals(
                Optional.of(newer.digest()),
                healed.find(rig.reference("web", "v1")).map(LocalImage::digest));
        assertEquals(Set.of(), healed.find(web.digest()).orElseThrow().names());
    }

    private LocalImage served(TestImage image, String path) {
        image.serve(rig.registry, "v1");
        return rig.pulled(path, "v1");
    }

    private void rot(Digest blob) throws IOException {
        Files.writeString(root.resolve("blobs/sha256").resolve(blob.hex()), "rotten");
    }
}
