package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pushes of images that have signatures where they came from.
class SignedPushTest {
    @TempDir
    private Path root;

    @Test
    void what_is_about_the_image_of_any_platform_stays_where_it_is() throws IOException {
        try (RelayRig rig = new RelayRig(root)) {
            TestImage signature = TestImage.of("signature");
            for (Digest subject : List.of(rig.index, rig.image.digest(), rig.otherManifest())) {
                signature.serve(rig.source, "sha256-" + subject.hex() + ".sig");
            }
            ImagePusher pusher = rig.pusher(Runnable::run);

            RelayRig.pushed(pusher.push(rig.order(Optional.empty(), rig.origin()), ImagePusher.Progress.SILENT));

            assertTrue(rig.pushed.containsKey(rig.otherManifest().value()), "the whole index went");
            assertEquals(
                    List.of("stable"),
                    rig.pushed.keySet().stream()
                            .filter(name -> !name.startsWith("sha256:"))
                            .toList());
            assertEquals(List.of(), rig.source.seen("/referrers/"));
            assertEquals(List.of(), rig.source.seen(".sig"));
        }
    }
}
