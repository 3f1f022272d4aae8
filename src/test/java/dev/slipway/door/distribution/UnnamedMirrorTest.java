package dev.slipway.door.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.image.TestImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients of a registry that stands in for another, of which they do not say that they mean it.
class UnnamedMirrorTest {
    private static final TestImage OLD = TestImage.of("base", "old");
    private static final TestImage NEW = TestImage.of("base", "new");
    private static final Reference NAME = new Reference(new Repository(Repository.DOCKER_HUB, "acme/web"), "v1", null);
    private static final String TAG = "/v2/acme/web/manifests/v1";

    @TempDir
    Path root;

    private HostileRegistry upstream;
    private RegistryRig rig;
    private Descriptor old;

    /// This host has the image of yesterday.
    @BeforeEach
    void pull() throws Exception {
        upstream = new HostileRegistry();
        rig = new RegistryRig(root);
        old = OLD.serve(upstream, "v1");
        PullOutcome outcome = rig.images.pull(
                new PullRequest(new Reference(new Repository(upstream.host(), "acme/web"), "v1", null)),
                PullProgress.SILENT);
        assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString);
        assertTrue(rig.images.name(NAME, old.digest()));
    }

    @AfterEach
    void close() {
        rig.close();
        upstream.close();
    }

    private Digest given() throws Exception {
        return Digest.sha256(RegistryRig.expect(200, rig.send("GET", TAG)).body());
    }

    private int look(Digest digest) throws Exception {
        return rig.send("HEAD", "/v2/acme/web/manifests/" + digest).statusCode();
    }

    private static byte[] index(Descriptor child) {
        return ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(child), Map.of()));
    }

    @Test
    void a_tag_is_where_the_other_registry_has_it_now() throws Exception {
        Digest now = NEW.serve(upstream, "v1").digest();
        rig.mirror(upstream.host());

        assertEquals(now, given());
    }

    @Test
    void while_the_other_registry_does_not_answer_the_image_of_this_host_is_given() throws Exception {
        rig.mirror(upstream.host());
        upstream.close();

        assertEquals(old.digest(), given());
    }

    @Test
    void a_name_that_an_object_of_this_host_has_is_not_asked_for_elsewhere() throws Exception {
        NEW.serve(upstream, "v1");
        rig.mirror(upstream.host());
        rig.made.add(NAME);

        assertEquals(old.digest(), given());
    }

    @Test
    void who_may_push_is_not_told_that_a_part_of_his_index_is_here() throws Exception {
        Descriptor child = NEW.serve(upstream, "v1");
        rig.mirror(upstream.host());
        assertEquals(200, look(child.digest()), "who may only read is");

        rig.mirrorAndTake(upstream.host());

        assertEquals(404, look(child.digest()));
        rig.blob("acme/web", NEW.config());
        for (byte[] blob : NEW.blobs()) {
            rig.blob("acme/web", blob);
        }
        byte[] manifest = ManifestCodec.write(NEW.manifest());
        RegistryRig.expect(201, rig.manifest("acme/web", child.digest().value(), MediaType.OCI_MANIFEST, manifest));
        RegistryRig.expect(201, rig.manifest("acme/web", "v2", MediaType.OCI_INDEX, index(child)));
    }

    @Test
    void an_index_can_be_pushed_of_images_that_this_host_shows() throws Exception {
        rig.mirrorAndTake(upstream.host());
        assertEquals(200, look(old.digest()));

        RegistryRig.expect(201, rig.manifest("acme/web", "v2", MediaType.OCI_INDEX, index(old)));

        Repository own = new Repository(rig.host, "acme/web");
        assertEquals(2, rig.repositories.contents(own).manifests().size());
    }
}
