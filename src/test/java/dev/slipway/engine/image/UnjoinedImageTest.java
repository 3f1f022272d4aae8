package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.Keyring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        assertEquals(Set.copyOf(web.layers()), rig.trees.list(), "also what both have");
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

    private LocalImage served(TestImage image, String path) {
        image.serve(rig.registry, "v1");
        return rig.pulled(path, "v1");
    }

    private void rot(Digest blob) throws IOException {
        Files.writeString(root.resolve("blobs/sha256").resolve(blob.hex()), "rotten");
    }
}
