package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A registry whose address is one of IPv6: its name has brackets and colons, on the wire and on disk.
@Timeout(60)
class Ipv6PullTest {
    @BeforeAll
    static void look() {
        assumeTrue(hasLoopback(), "this host has no IPv6: nothing can listen on ::1");
    }

    private static boolean hasLoopback() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void an_image_is_pulled_and_there_after_a_restart(@TempDir Path root) throws Exception {
        TestImage web = TestImage.of("base", "web");
        try (HostileRegistry registry = new HostileRegistry("[::1]");
                ImagesRig rig = new ImagesRig(root)) {
            Descriptor manifest = web.serve(registry, "v1");
            Reference reference = Reference.parse(registry.host() + "/team/web:v1");
            PullRequest request = new PullRequest(reference, Platform.host(), Keyring.EMPTY, PullPolicy.IF_NOT_PRESENT);

            PullOutcome outcome = rig.images.pull(request, PullProgress.SILENT);

            LocalImage image = assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                    .image();
            assertEquals(manifest.digest(), image.digest());
            assertEquals(Optional.of(image), rig.restarted().find(reference));
            assertEquals(
                    registry.host(), registry.seen("/manifests/").getFirst().header("Host"));
        }
    }
}
