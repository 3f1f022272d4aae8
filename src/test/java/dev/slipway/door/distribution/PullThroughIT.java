package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.image.HostImages;
import dev.slipway.engine.image.MemoryLayerTrees;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.ImageLayout;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A registry that fetches from another what it does not have, asked by another engine's client.
class PullThroughIT {
    @TempDir
    Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RegistryClient client = new RegistryClient(RegistrySettings.STANDARD);
    private DockerRegistry upstream;
    private RegistryRig mirror;
    private HostImages images;
    private ImageLayout layout;

    @BeforeEach
    void open() throws Exception {
        upstream = new DockerRegistry(Files.createDirectory(root.resolve("upstream")), "");
        mirror = new RegistryRig(Files.createDirectory(root.resolve("mirror")));
        mirror.mirror(upstream.host());
        layout = new ImageLayout(root.resolve("layout")).image("v1").layer("v1", tree("one"));
        layout.push("v1", upstream.host() + "/acme/web:v1", "--dest-compress-format", "gzip");
        DirectoryContentStore content = new DirectoryContentStore(root.resolve("content"), InstantSource.system());
        content.start();
        images = new HostImages(
                root.resolve("index.json"),
                new HostImages.Stores(
                        content,
                        new MemoryLayerTrees(),
                        new Repositories(
                                root.resolve("repositories"), content, InstantSource.system(), InstantSource.system())),
                client,
                threads);
        client.use(() -> new RegistrySettings(Map.of(
                upstream.host(),
                new RegistrySettings.Host(List.of(URI.create("http://" + mirror.host)), false, "", Keyring.EMPTY))));
    }

    @AfterEach
    void close() {
        mirror.close();
        upstream.close();
        client.close();
        threads.shutdownNow();
    }

    private Path tree(String name) throws Exception {
        Path tree = Files.createDirectory(root.resolve(name));
        byte[] noise = new byte[5 << 20];
        new Random(name.hashCode()).nextBytes(noise);
        Files.write(tree.resolve("noise"), noise);
        return tree;
    }

    @Test
    void an_image_comes_through_the_mirror_and_is_there_when_the_registry_is_gone() throws Exception {
        Reference name = Reference.parse(upstream.host() + "/acme/web:v1");
        Digest digest =
                client.manifestPastMirrors(name, Keyring.EMPTY).descriptor().digest();
        String namespace = "?ns=" + upstream.host();

        HttpResponse<byte[]> first = mirror.send("GET", "/v2/acme/web/manifests/v1" + namespace);
        assertEquals(digest, Digest.sha256(first.body()));
        for (var layer : new ObjectMapper().readTree(first.body()).path("layers")) {
            Digest blob = new Digest(layer.path("digest").asText());
            byte[] bytes =
                    mirror.send("GET", "/v2/acme/web/blobs/" + blob + namespace).body();
            assertEquals(blob, Digest.sha256(bytes));
        }
        mirror.send(
                "GET",
                "/v2/acme/web/blobs/"
                        + new ObjectMapper()
                                .readTree(first.body())
                                .at("/config/digest")
                                .asText() + namespace);
        upstream.close();

        PullOutcome outcome = images.pull(new PullRequest(name), PullProgress.SILENT);

        assertEquals(
                digest,
                assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                        .image()
                        .digest());
        mirror.awaitFetched();
    }

    @Test
    void a_tag_that_moved_is_followed_and_what_it_left_is_freed() throws Exception {
        String path = "/v2/acme/web/manifests/v1?ns=" + upstream.host();
        byte[] before = mirror.send("GET", path).body();
        layout.layer("v1", tree("two"));
        layout.push("v1", upstream.host() + "/acme/web:v1", "--dest-compress-format", "gzip");

        byte[] after = mirror.send("GET", path).body();

        assertTrue(!Digest.sha256(before).equals(Digest.sha256(after)));
        assertEquals(404, mirror.send("GET", "/v2/acme/none/manifests/v1").statusCode());
        assertEquals(Set.of(Digest.sha256(after)), mirror.content.list());
    }

    @Test
    void who_does_not_say_in_whose_stead_he_asks_is_given_what_the_one_registry_has() throws Exception {
        String path = "/v2/acme/web/manifests/v1";

        byte[] manifest = RegistryRig.expect(200, mirror.send("GET", path)).body();
        Digest layer = new Digest(
                new ObjectMapper().readTree(manifest).at("/layers/0/digest").asText());

        assertArrayEquals(
                manifest, mirror.send("GET", path + "?ns=" + upstream.host()).body());
        byte[] bytes = RegistryRig.expect(200, mirror.send("GET", "/v2/acme/web/blobs/" + layer))
                .body();
        assertEquals(layer, Digest.sha256(bytes));
        mirror.mirror(upstream.host(), "other.example");
        assertEquals(404, mirror.send("GET", path).statusCode(), "there are two that he may mean");
    }

    @Test
    void skopeo_pulls_through_a_mirror_of_its_registries_conf() throws Exception {
        Path conf = Files.writeString(root.resolve("registries.conf"), """
                [[registry]]
                location = "%s"
                insecure = true
                [[registry.mirror]]
                location = "%s"
                insecure = true
                """.formatted(upstream.host(), mirror.host));

        Process skopeo = new ProcessBuilder(
                        "skopeo",
                        "--registries-conf",
                        conf.toString(),
                        "copy",
                        "--src-tls-verify=false",
                        "docker://" + upstream.host() + "/acme/web:v1",
                        "dir:" + root.resolve("copied"))
                .redirectErrorStream(true)
                .start();
        String said = new String(skopeo.getInputStream().readAllBytes(), UTF_8);

        assertEquals(0, skopeo.waitFor(), said);
        assertEquals(
                Set.of(new Repository(upstream.host(), "acme/web")),
                mirror.repositories.list(),
                "it came through here");
        mirror.awaitFetched();
        assertEquals(3, mirror.content.list().size(), "manifest, config and layer");
    }

    @Test
    void many_clients_bring_a_blob_once() throws Exception {
        byte[] manifest = mirror.send("GET", "/v2/acme/web/manifests/v1?ns=" + upstream.host())
                .body();
        Digest layer = new Digest(
                new ObjectMapper().readTree(manifest).at("/layers/0/digest").asText());
        String path = "/v2/acme/web/blobs/" + layer + "?ns=" + upstream.host();

        var all = IntStream.range(0, 6)
                .mapToObj(i -> threads.submit(() -> mirror.send("GET", path).body()))
                .toList();

        for (var each : all) {
            assertArrayEquals(all.getFirst().get(), each.get());
            assertEquals(layer, Digest.sha256(each.get()));
        }
        mirror.awaitFetched();
        assertTrue(mirror.content.contains(layer));
    }

    @Test
    void a_registry_that_is_not_mirrored_is_not_asked() throws Exception {
        mirror.mirror("other.example");

        assertEquals(
                404,
                mirror.send("GET", "/v2/acme/web/manifests/v1?ns=" + upstream.host())
                        .statusCode());
        assertEquals(
                404,
                mirror.send("GET", "/v2/acme/web/manifests/none?ns=" + upstream.host())
                        .statusCode());
    }
}
