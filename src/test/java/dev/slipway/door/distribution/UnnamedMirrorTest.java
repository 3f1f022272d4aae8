package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.slipway.engine.repository.Serving;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
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
    void who_pushes_is_not_told_that_a_part_of_his_index_is_here() throws Exception {
        Descriptor child = NEW.serve(upstream, "v1");
        rig.mirror(upstream.host());
        assertEquals(200, look(child.digest()), "who may only read is");

        rig.mirrorAndTake(upstream.host());
        assertEquals(200, look(child.digest()), "so is who has not brought anything yet");

        rig.blob("acme/web", NEW.config());
        assertEquals(404, look(child.digest()));
        for (byte[] blob : NEW.blobs()) {
            rig.blob("acme/web", blob);
        }
        byte[] manifest = ManifestCodec.write(NEW.manifest());
        RegistryRig.expect(201, rig.manifest("acme/web", child.digest().value(), MediaType.OCI_MANIFEST, manifest));
        RegistryRig.expect(201, rig.manifest("acme/web", "v2", MediaType.OCI_INDEX, index(child)));
    }

    @Test
    void who_has_not_pushed_for_an_hour_only_reads() throws Exception {
        Descriptor child = NEW.serve(upstream, "v1");
        rig.mirrorAndTake(upstream.host());
        rig.send("POST", "/v2/acme/web/blobs/uploads/");
        assertEquals(404, look(child.digest()), "an upload has begun");

        rig.blob("acme/web", NEW.config());
        rig.pass(Duration.ofMinutes(61));

        assertEquals(200, look(child.digest()));
    }

    @Test
    void who_was_refused_for_what_he_sent_has_not_pushed() throws Exception {
        Descriptor child = NEW.serve(upstream, "v1");
        rig.mirrorAndTake(upstream.host());

        RegistryRig.expect(400, rig.manifest("acme/web", "v2", MediaType.OCI_INDEX, "{".getBytes(UTF_8)));

        assertEquals(200, look(child.digest()));
    }

    @Test
    void whose_index_lacked_a_part_brings_it_when_he_tries_again() throws Exception {
        Descriptor child = NEW.serve(upstream, "v1");
        rig.mirrorAndTake(upstream.host());
        assertEquals(200, look(child.digest()), "and so he leaves it out");

        RegistryRig.expect(404, rig.manifest("acme/web", "v2", MediaType.OCI_INDEX, index(child)));

        assertEquals(404, look(child.digest()));
    }

    @Test
    void where_there_are_users_only_they_push() throws Exception {
        Descriptor child = NEW.serve(upstream, "v1");
        rig.mirrorFor(new Serving.User("ann", "one", List.of("*"), List.of("acme/*")), upstream.host());
        String pair = Base64.getEncoder().encodeToString("ann:one".getBytes(UTF_8));
        byte[] token =
                rig.send("GET", "/token", "Authorization", "Basic " + pair).body();
        String[] ann = {
            "Authorization",
            "Bearer " + Answer.MAPPER.readTree(token).path("token").asText()
        };
        String path = "/v2/acme/web/manifests/" + child.digest();

        assertEquals(404, rig.send("HEAD", path, ann).statusCode());
        assertEquals(202, rig.send("POST", "/v2/acme/web/blobs/uploads/", ann).statusCode());
        assertEquals(200, look(child.digest()), "nobody in particular may only read");
        assertEquals(200, rig.send("GET", path, ann).statusCode());
    }

    @Test
    void an_index_can_be_pushed_of_images_that_this_host_shows() throws Exception {
        rig.mirrorAndTake(upstream.host());
        assertEquals(200, look(old.digest()));

        RegistryRig.expect(201, rig.manifest("acme/web", "v2", MediaType.OCI_INDEX, index(old)));

        Repository own = new Repository(rig.host, "acme/web");
        assertEquals(2, rig.repositories.contents(own).manifests().size());
    }

    /// What the other registry says is about the image, an attestation and a signature.
    private static byte[] referrers() {
        return """
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
                  {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7, "digest": "%s",
                   "artifactType": "application/spdx+json", "annotations": {"made": "by hand"}},
                  {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 8, "digest": "%s",
                   "artifactType": "application/signature"}]}
                """.formatted(Digest.sha256(new byte[] {1}), Digest.sha256(new byte[] {2}))
                .getBytes(UTF_8);
    }

    private JsonNode listed(String query) throws Exception {
        String path = "/v2/acme/web/referrers/" + old.digest() + query;
        return Answer.MAPPER
                .readTree(RegistryRig.expect(200, rig.send("GET", path)).body())
                .path("manifests");
    }

    @Test
    void what_the_other_registry_has_about_an_image_is_listed() throws Exception {
        upstream.play("/referrers/", 100, exchange -> HostileRegistry.send(exchange, referrers()));
        rig.mirror(upstream.host());

        JsonNode all = listed("");

        assertEquals(Answer.MAPPER.readTree(referrers()).path("manifests"), all);
        JsonNode signatures = listed("?artifactType=application/signature");
        assertEquals(1, signatures.size());
        assertEquals(
                Digest.sha256(new byte[] {2}).value(),
                signatures.path(0).path("digest").asText());
    }

    @Test
    void what_the_other_registry_lists_on_several_pages_is_listed_whole() throws Exception {
        String[] pages = new String(referrers(), UTF_8).split("(?<=\\}\\}),\\s*", 2);
        byte[] first = (pages[0] + "]}").getBytes(UTF_8);
        byte[] second = (pages[0].replaceAll("(?s)\\[.*", "[") + pages[1]).getBytes(UTF_8);
        upstream.play("/referrers/", 100, exchange -> {
            boolean isSecond = exchange.getRequestURI().getQuery() != null;
            if (!isSecond) {
                exchange.getResponseHeaders().set("Link", "<?page=2>; rel=\"next\"");
            }
            return HostileRegistry.send(exchange, isSecond ? second : first);
        });
        rig.mirror(upstream.host());

        assertEquals(Answer.MAPPER.readTree(referrers()).path("manifests"), listed(""));
    }

    @Test
    void what_clients_of_the_other_registry_keep_under_a_tag_is_listed() throws Exception {
        upstream.manifest("sha256-" + old.digest().hex(), MediaType.OCI_INDEX, referrers());
        rig.mirror(upstream.host());

        assertEquals(2, listed("").size());
    }

    @Test
    void a_repository_of_the_registrys_own_lists_what_was_pushed_to_it() throws Exception {
        upstream.play("/referrers/", 100, exchange -> HostileRegistry.send(exchange, referrers()));
        rig.mirrorAndTake(upstream.host());
        rig.send("GET", TAG + "?ns=" + upstream.host());
        byte[] own = """
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [],
                 "subject": {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "%s", "size": %d}}
                """.formatted(old.digest(), old.sizeBytes()).getBytes(UTF_8);
        RegistryRig.expect(201, rig.manifest("acme/web", Digest.sha256(own).value(), MediaType.OCI_INDEX, own));

        JsonNode here = listed("");
        JsonNode there = listed("?ns=" + upstream.host());

        assertEquals(1, here.size(), "this registry has such a repository of its own now");
        assertEquals(2, there.size());
    }

    @Test
    void an_answer_that_is_no_index_or_none_at_all_lists_nothing() throws Exception {
        rig.mirror(upstream.host());
        assertEquals(0, listed("").size());
        upstream.play("/referrers/", 1, exchange -> HostileRegistry.send(exchange, "<html>".getBytes(UTF_8)));
        assertEquals(0, listed("").size());

        upstream.close();

        assertEquals(0, listed("").size());
    }
}
