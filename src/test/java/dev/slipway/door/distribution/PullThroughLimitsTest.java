package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How much is fetched and kept in another registry's stead, and for how long.
class PullThroughLimitsTest {
    private static final ServedImage WEB = ServedImage.of("w".repeat(5000));
    private static final ServedImage APP = ServedImage.of("a".repeat(5000));

    @TempDir
    Path root;

    private HostileRegistry upstream;
    private RegistryRig mirror;

    @BeforeEach
    void listen() throws IOException {
        upstream = new HostileRegistry();
        serve("web", WEB);
        serve("app", APP);
    }

    private void serve(String tag, ServedImage image) {
        upstream.blob(MediaType.OCI_CONFIG, image.config());
        upstream.blob(MediaType.OCI_LAYER_GZIP, image.layer());
        upstream.manifest(tag, MediaType.OCI_MANIFEST, image.manifest());
    }

    private void mirror(long largestBlobBytes, long mirroredBytes) throws IOException {
        if (mirror != null) {
            mirror.close();
        }
        Limits limits = new Limits(100, 100, Duration.ofSeconds(60), 1, largestBlobBytes, mirroredBytes);
        mirror = new RegistryRig(root, limits);
        mirror.mirror(upstream.host());
    }

    @AfterEach
    void close() {
        mirror.close();
        upstream.close();
    }

    @Test
    void a_blob_that_is_too_large_is_not_fetched() throws Exception {
        mirror(4096, 1 << 20);
        manifest("web");

        HttpResponse<byte[]> refused = RegistryRig.expect(403, layer("web", WEB));

        assertTrue(new String(refused.body(), UTF_8).contains("DENIED"));
        assertEquals(Set.of(WEB.digest()), mirror.content.list());
        assertEquals(List.of(), mirror.partials());
        assertEquals(0, upstream.seen("/blobs/").size());
    }

    @Test
    void what_nobody_has_asked_for_lately_makes_room_and_what_has_no_room_at_all_is_refused() throws Exception {
        mirror(1 << 20, 8000);
        manifest("web");
        RegistryRig.expect(200, layer("web", WEB));
        manifest("app");

        RegistryRig.expect(200, layer("app", APP));

        assertEquals(Set.of("acme/app"), mirrored());
        assertEquals(404, layer("web", WEB).statusCode(), "its manifest is forgotten, too");
        manifest("web");
        RegistryRig.expect(200, layer("web", WEB));
        assertEquals(Set.of("acme/web"), mirrored());
        mirror(1 << 20, 4000);
        manifest("app");
        RegistryRig.expect(403, layer("app", APP));
    }

    @Test
    void manifests_that_nobody_pulls_blobs_of_have_no_more_room_than_blobs() throws Exception {
        long most = 3L * WEB.manifest().length;
        mirror(1 << 20, most);
        for (int i = 0; i < 10; i++) {
            serve("m" + i, ServedImage.of("m".repeat(i + 1)));
            manifest("m" + i);

            assertTrue(mirrored().contains("acme/m" + i), () -> "mirrored: " + mirrored());
            assertTrue(mirror.repositories.countMirrored().bytes() <= most, () -> "mirrored: " + mirrored());
        }
        mirror(1 << 20, WEB.manifest().length / 2);

        RegistryRig.expect(403, mirror.send("GET", path("web", "manifests/web")));
    }

    /// One byte more than every registry takes.
    @Test
    void a_manifest_that_is_too_large_is_not_kept() throws Exception {
        mirror(1 << 20, 1 << 30);
        byte[] huge = Arrays.copyOf(WEB.manifest(), (4 << 20) + 1);
        Arrays.fill(huge, WEB.manifest().length, huge.length, (byte) ' ');
        upstream.manifest("huge", MediaType.OCI_MANIFEST, huge);

        assertEquals(500, mirror.send("GET", path("huge", "manifests/huge")).statusCode());
        assertEquals(Set.of(), mirror.content.list());
    }

    /// The tag moves while a layer of what it pointed at comes.
    @Test
    void what_is_coming_reaches_its_client_though_nothing_needs_it_any_more_and_is_freed_later() throws Exception {
        mirror(1 << 20, 1 << 20);
        manifest("web");
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch moved = new CountDownLatch(1);
        upstream.play("/blobs/" + layerOf(WEB), 1, exchange -> {
            asked.countDown();
            try {
                assertTrue(moved.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return HostileRegistry.send(exchange, WEB.layer());
        });
        Thread mover = Thread.ofVirtual().start(() -> {
            try {
                assertTrue(asked.await(20, TimeUnit.SECONDS));
                serve("web", APP);
                manifest("web");
            } catch (Exception e) {
                throw new AssertionError(e);
            } finally {
                moved.countDown();
            }
        });

        byte[] layer = RegistryRig.expect(200, layer("web", WEB)).body();

        mover.join();
        assertEquals(layerOf(WEB), Digest.sha256(layer));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!mirror.content.list().equals(Set.of(APP.digest()))) {
            assertTrue(System.nanoTime() < deadline, () -> "left: " + mirror.repositories.list());
            mirror.pass(Duration.ofMinutes(61));
            mirror.expire();
        }
    }

    private void manifest(String name) throws Exception {
        RegistryRig.expect(200, mirror.send("GET", path(name, "manifests/" + name)));
    }

    private HttpResponse<byte[]> layer(String name, ServedImage image) throws Exception {
        return mirror.send("GET", path(name, "blobs/" + layerOf(image)));
    }

    private String path(String name, String rest) {
        return "/v2/acme/" + name + "/" + rest + "?ns=" + upstream.host();
    }

    private static Digest layerOf(ServedImage image) {
        return Digest.sha256(image.layer());
    }

    private Set<String> mirrored() {
        return mirror.repositories.list().stream().map(Repository::path).collect(Collectors.toSet());
    }
}
