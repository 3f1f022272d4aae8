package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.CorruptContentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images whose layers cannot be joined when the engine starts.
class UnjoinedImageTest {
    private static final TestImage WEB = TestImage.of("base", "web");

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
        assertFalse(rig.content.list().isEmpty(), "nothing is freed while it is not known what it has");
    }
}
