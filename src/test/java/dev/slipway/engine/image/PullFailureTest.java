package dev.slipway.engine.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.PullOutcome.Failed;
import dev.slipway.engine.image.PullOutcome.Reason;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a pull that goes wrong says, and what it leaves.
@Timeout(60)
class PullFailureTest {
    private static final TestImage WEB = TestImage.of("base", "web");

    @TempDir
    private Path root;

    private ImagesRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ImagesRig(root);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void an_image_that_does_not_exist_is_not_found() throws IOException {
        assertFailed(Reason.NOT_FOUND);
    }

    @Test
    void a_layer_with_other_bytes_is_corrupt_and_nothing_is_left() throws IOException {
        WEB.serve(rig.registry, "v1");
        byte[] other = WEB.blobs().getLast().clone();
        other[other.length - 9] ^= 1;
        rig.registry.play(WEB.layer(1).hex(), 99, exchange -> HostileRegistry.send(exchange, other));

        assertFailed(Reason.CORRUPT);
    }

    @Test
    void a_layer_with_another_length_is_corrupt_and_nothing_is_left() throws IOException {
        WEB.serve(rig.registry, "v1");
        rig.registry.play(WEB.layer(1).hex(), 99, exchange -> HostileRegistry.send(exchange, new byte[3]));

        assertFailed(Reason.CORRUPT);
    }

    @Test
    void a_layer_whose_archive_is_not_what_the_config_says_is_corrupt_and_nothing_is_left() throws IOException {
        TestImage lying = TestImage.of(
                Platform.host(), List.of(TestImage.diffId("base"), TestImage.diffId("something else")), WEB.blobs());
        lying.serve(rig.registry, "v1");

        assertFailed(Reason.CORRUPT);
    }

    @Test
    void a_config_that_speaks_of_more_layers_than_the_manifest_is_corrupt() throws IOException {
        TestImage.of(Platform.host(), List.of(TestImage.diffId("base")), WEB.blobs())
                .serve(rig.registry, "v1");

        assertFailed(Reason.CORRUPT);
    }

    @Test
    void a_config_with_another_digest_is_corrupt() throws IOException {
        WEB.serve(rig.registry, "v1");
        byte[] other = new String(WEB.config(), UTF_8).replace("linux", "Linux").getBytes(UTF_8);
        rig.registry.play(
                WEB.manifest().config().digest().hex(), 99, exchange -> HostileRegistry.send(exchange, other));

        assertFailed(Reason.CORRUPT);
    }

    @Test
    void a_config_that_claims_gigabytes_is_not_read() throws IOException {
        Descriptor huge =
                new Descriptor(MediaType.OCI_CONFIG, WEB.manifest().config().digest(), 5_000_000_000L);
        byte[] manifest =
                ManifestCodec.write(new ImageManifest(huge, WEB.manifest().layers()));
        rig.registry.manifest("v1", MediaType.OCI_MANIFEST, manifest);

        assertFailed(Reason.CORRUPT);
        assertEquals(List.of(), rig.registry.seen("/blobs/"));
    }

    @Test
    void a_mirror_that_gives_wrong_bytes_is_passed_by() throws IOException {
        WEB.serve(rig.registry, "v1");
        try (HostileRegistry mirror = new HostileRegistry()) {
            WEB.serve(mirror, "v1");
            byte[] other = WEB.blobs().getLast().clone();
            other[other.length - 9] ^= 1;
            mirror.play(WEB.layer(1).hex(), 99, exchange -> HostileRegistry.send(exchange, other));
            rig.mirror(mirror);

            assertEquals(2, rig.pulled("web", "v1").layers().size());

            assertEquals(List.of(), rig.registry.seen("/manifests/"));
            assertEquals(1, rig.registry.seen("/blobs/").size());
        }
    }

    @Test
    void a_mirror_that_breaks_off_is_passed_by_without_a_second_fetch_of_what_came() throws IOException {
        TestImage image = noise();
        byte[] blob = image.blobs().getFirst();
        image.serve(rig.registry, "v1");
        try (HostileRegistry mirror = new HostileRegistry()) {
            image.serve(mirror, "v1");
            mirror.play(
                    image.layer(0).hex(),
                    99,
                    exchange -> exchange.getRequestHeaders().containsKey("Range")
                            ? HostileRegistry.status(exchange, 416)
                            : HostileRegistry.cut(exchange, 200, blob.length, Arrays.copyOf(blob, 150_000)));
            rig.mirror(mirror);

            rig.pulled("web", "v1");

            String range = rig.registry.seen("/blobs/").getLast().header("Range");
            assertTrue(range.matches("bytes=[1-9][0-9]*-" + (blob.length - 1)), range);
            assertEquals(1, rig.registry.seen("/blobs/").size());
        }
    }

    /// An image of one layer that does not fit into the buffers of a connection.
    private static TestImage noise() {
        byte[] noise = new byte[200_000];
        new Random(1).nextBytes(noise);
        return TestImage.of(Arrays.toString(noise));
    }

    @Test
    void what_is_not_a_container_image_is_refused() throws IOException {
        WEB.serve(rig.registry, "");
        byte[] chart = ManifestCodec.write(new ImageManifest(
                WEB.manifest().config(),
                WEB.manifest().layers().stream()
                        .map(layer -> new Descriptor(
                                new MediaType("application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
                                layer.digest(),
                                layer.sizeBytes()))
                        .toList()));
        rig.registry.manifest("v1", MediaType.OCI_MANIFEST, chart);

        Failed failed = assertFailed(Reason.CORRUPT);

        assertTrue(failed.message().contains("not a container image"), failed.message());
    }

    @Test
    void indexes_inside_one_another_end_somewhere() throws IOException {
        Descriptor inner = WEB.serve(rig.registry, "");
        for (int depth = 0; depth < 10; depth++) {
            Descriptor entry =
                    new Descriptor(inner.mediaType(), inner.digest(), inner.sizeBytes(), Platform.host(), Map.of());
            byte[] index = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(entry), Map.of()));
            inner = rig.registry.manifest("v1", MediaType.OCI_INDEX, index);
        }

        assertFailed(Reason.CORRUPT);
    }

    @Test
    void an_index_that_points_at_itself_is_refused() throws IOException {
        Descriptor entry = new Descriptor(MediaType.OCI_INDEX, WEB.layer(0), 300, Platform.host(), Map.of());
        byte[] index = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(entry), Map.of()));
        rig.registry.play("/manifests/", 99, exchange -> HostileRegistry.send(exchange, index));

        assertFailed(Reason.CORRUPT);
    }

    @Test
    void a_full_disk_is_named_and_nothing_is_left() throws IOException {
        WEB.serve(rig.registry, "v1");
        rig.trees.failWith(new IOException("write /x: No space left on device"));

        assertFailed(Reason.NO_SPACE);
    }

    @Test
    void after_a_failure_the_next_pull_succeeds() {
        WEB.serve(rig.registry, "v1");
        rig.trees.failWith(new IOException("write /x: input/output error"));
        assertEquals(Reason.DISK, rig.failed("web", "v1").reason());
        rig.trees.failWith(null);

        assertEquals(2, rig.pulled("web", "v1").layers().size());
    }

    @Test
    void a_download_that_stopped_is_resumed_by_the_next_pull() {
        TestImage image = noise();
        byte[] blob = image.blobs().getFirst();
        image.serve(rig.registry, "v1");
        rig.registry.play(
                "/blobs/" + image.layer(0),
                1,
                exchange -> HostileRegistry.cut(exchange, 200, blob.length, Arrays.copyOf(blob, 150_000)));
        rig.registry.play(exchange -> exchange.getRequestHeaders().containsKey("Range")
                && rig.registry.seen("Range off").isEmpty()
                && rig.registry
                                .seen(request -> !request.header("Range").isEmpty())
                                .size()
                        <= 2
                && HostileRegistry.status(exchange, 503));

        assertEquals(Reason.UNREACHABLE, rig.failed("web", "v1").reason());
        PullOutcome.Pulled pulled =
                assertInstanceOf(PullOutcome.Pulled.class, rig.pull("web", "v1", PullPolicy.IF_NOT_PRESENT));

        assertTrue(pulled.fetchedBytes() < blob.length, "fetched " + pulled.fetchedBytes());
        assertTrue(rig.registry
                .seen(image.layer(0).hex())
                .getLast()
                .header("Range")
                .startsWith("bytes="));
    }

    @Test
    void bad_bytes_that_an_earlier_try_left_are_fetched_again() throws IOException {
        WEB.serve(rig.registry, "v1");
        try (var ingest = rig.content.begin(WEB.layer(1), WEB.blobs().getLast().length)) {
            ingest.write(new byte[] {1, 2, 3}, 0, 3);
        }

        assertEquals(2, rig.pulled("web", "v1").layers().size());
    }

    /// Pulls `web:v1`, and checks that it failed so and left nothing.
    private Failed assertFailed(Reason reason) throws IOException {
        Failed failed = rig.failed("web", "v1");

        assertEquals(reason, failed.reason(), failed.message());
        assertTrue(failed.message().startsWith("pull "), failed.message());
        assertEquals(Set.of(), rig.content.list());
        assertEquals(Set.of(), rig.trees.list());
        assertEquals(List.of(), rig.partials());
        assertEquals(List.of(), rig.images.list());
        return failed;
    }
}
