package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.PushedManifests;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tag that is pushed again and again leaves nothing for ever, and nobody who pulls or pushes notices.
class UntaggedManifestsTest {
    private static final String PATH = "/v2/acme/web";

    @TempDir
    Path root;

    private RegistryRig registry;

    @BeforeEach
    void open() throws Exception {
        registry = RegistryRig.open(root);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void five_pushes_of_one_tag_leave_the_last_one() throws Exception {
        for (String text : new String[] {"one", "two", "three", "four", "five"}) {
            push(text);
        }
        assertEquals(10, registry.content.list().size());

        collect();

        assertEquals(
                Set.of(manifest("five"), PushedManifests.blob("five").digest()), Set.copyOf(registry.content.list()));
        assertEquals(200, registry.send("GET", PATH + "/manifests/latest").statusCode());
        assertEquals(
                404,
                registry.send("GET", PATH + "/manifests/" + manifest("one")).statusCode());
    }

    @Test
    void who_is_pulling_gets_the_rest_and_who_looked_for_a_manifest_may_count_on_it() throws Exception {
        push("one");
        push("two");
        push("three");
        RegistryRig.expect(200, registry.send("GET", PATH + "/manifests/" + manifest("one")));
        RegistryRig.expect(200, registry.send("HEAD", PATH + "/manifests/" + manifest("two")));

        collect();
        registry.pass(Duration.ofSeconds(50));
        collect();

        assertArrayEquals("one".getBytes(UTF_8), blob("one"));
        Repository repository = new Repository(registry.host, "acme/web");
        Instant deadline = Instant.now().plusSeconds(20);
        do {
            // The server may take the last byte for sent only after the client has it.
            registry.pass(Duration.ofMinutes(2));
            collect();
        } while (registry.repositories.has(repository, manifest("one"))
                && Instant.now().isBefore(deadline));
        assertFalse(registry.repositories.has(repository, manifest("one")));
        assertArrayEquals("two".getBytes(UTF_8), blob("two"));
    }

    private byte[] blob(String text) throws Exception {
        return RegistryRig.expect(
                        200,
                        registry.send(
                                "GET",
                                PATH + "/blobs/" + PushedManifests.blob(text).digest()))
                .body();
    }

    private static Digest manifest(String text) {
        return Digest.sha256(PushedManifests.image(text));
    }

    private void push(String text) throws Exception {
        registry.blob("acme/web", text.getBytes(UTF_8));
        RegistryRig.expect(
                201, registry.manifest("acme/web", "latest", MediaType.OCI_MANIFEST, PushedManifests.image(text)));
    }

    private void collect() throws Exception {
        Repository repository = new Repository(registry.host, "acme/web");
        registry.images.free(registry.repositories
                .unused()
                .remove(repository, Instant.MAX, Set.of())
                .freed());
    }
}
