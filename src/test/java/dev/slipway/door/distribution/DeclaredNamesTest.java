package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.image.TestImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images of this host that somebody has declared a Tag for, under a name of the registry itself.
class DeclaredNamesTest {
    @TempDir
    Path root;

    private RegistryRig rig;
    private LocalImage image;

    @BeforeEach
    void have() throws Exception {
        rig = RegistryRig.open(root);
        TestImage made = TestImage.of("runnable");
        rig.blob("origin", made.config());
        rig.blob("origin", made.blobs().getFirst());
        rig.manifest("origin", "v1", MediaType.OCI_MANIFEST, ManifestCodec.write(made.manifest()));
        Reference origin = Reference.parse(rig.host + "/origin:v1");
        rig.images.pull(new PullRequest(origin), PullProgress.SILENT);
        image = rig.images.find(origin).orElseThrow();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_declared_name_can_be_pulled_at_once() throws Exception {
        Reference name = Reference.parse(rig.host + "/team/app:1");
        rig.images.name(name, image.digest());
        assertEquals(404, get("/v2/team/app/manifests/1"), "it may be there because it was pulled from here");

        rig.declared.add(name);

        assertShown("team/app");
        rig.declared.remove(name);
        assertEquals(404, get("/v2/team/app/manifests/1"));
        assertEquals(404, get("/v2/team/app/tags/list"));
    }

    @Test
    void localhost_with_its_port_is_a_name_of_the_registry() throws Exception {
        Reference name = Reference.parse(rig.host.replace("127.0.0.1", "localhost") + "/app:1");
        rig.images.name(name, image.digest());
        rig.declared.add(name);

        assertShown("app");
    }

    private void assertShown(String path) throws Exception {
        assertEquals(200, get("/v2/" + path + "/manifests/1"));
        assertEquals(200, get("/v2/" + path + "/manifests/" + image.digest()));
        for (Descriptor layer : image.manifest().layers()) {
            assertEquals(200, get("/v2/" + path + "/blobs/" + layer.digest()));
        }
        assertEquals(
                200, get("/v2/" + path + "/blobs/" + image.manifest().config().digest()));
        assertTrue(body("/v2/" + path + "/tags/list").contains("[\"1\"]"));
        assertTrue(body("/v2/_catalog").contains("\"" + path + "\""), body("/v2/_catalog"));
    }

    private int get(String path) throws Exception {
        return rig.send("GET", path).statusCode();
    }

    private String body(String path) throws Exception {
        return new String(rig.send("GET", path).body(), UTF_8);
    }
}
