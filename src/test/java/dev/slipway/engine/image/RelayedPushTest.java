package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pushes of an index of which this host has one platform.
class RelayedPushTest {
    private static final Platform OTHER = new Platform("linux", "s390x", "");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final byte[] LARGE = bytes(20 << 20);

    @TempDir
    private Path root;

    private ImagesRig rig;
    private HostileRegistry target;
    private ImagePusher pusher;
    private LocalImage image;
    private TestImage other;
    private Digest index;
    private boolean sure = true;
    private final Map<String, byte[]> pushed = new ConcurrentHashMap<>();
    private final List<String> manifests = new CopyOnWriteArrayList<>();
    private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();

    @BeforeEach
    void open() throws Exception {
        rig = new ImagesRig(root);
        target = new HostileRegistry();
        target.play(this::take);
        pusher = new ImagePusher(rig.images, rig.content, rig.client, Runnable::run);
        serve(TestImage.gzip("for another platform"));
    }

    /// @param layer of the image for the other platform
    private void serve(byte[] layer) throws Exception {
        TestImage own = TestImage.of("base", "web");
        other = TestImage.of(OTHER, List.of(new DiffId(Digest.sha256(layer))), List.of(layer));
        ImageIndex both = new ImageIndex(
                MediaType.OCI_INDEX,
                List.of(on(Platform.host(), own.serve(rig.registry, "")), on(OTHER, other.serve(rig.registry, ""))),
                Map.of());
        index = rig.registry
                .manifest("v1", MediaType.OCI_INDEX, ManifestCodec.write(both))
                .digest();
        rig.images.list().forEach(this::forget);
        image = rig.pulled("web", "v1");
    }

    private void forget(LocalImage before) {
        try {
            rig.images.remove(before.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        target.close();
        rig.close();
    }

    private static Descriptor on(Platform platform, Descriptor manifest) {
        return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.sizeBytes(), platform, Map.of());
    }

    /// Takes what is pushed, as a registry does: no manifest before what it names.
    private boolean take(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String last = path.substring(path.lastIndexOf('/') + 1);
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                String upload = "/upload/" + uploads.size();
                uploads.put(upload, new ByteArrayOutputStream());
                exchange.getResponseHeaders().set("Location", upload);
                return HostileRegistry.status(exchange, 202);
            }
            case "PATCH" -> {
                uploads.get(path).write(body);
                exchange.getResponseHeaders().set("Location", path);
                return HostileRegistry.status(exchange, 202);
            }
            case "PUT" -> {
                if (uploads.containsKey(path)) {
                    uploads.get(path).write(body);
                    byte[] whole = uploads.get(path).toByteArray();
                    pushed.put(Digest.sha256(whole).value(), whole);
                } else if (namesWhatIsNotThere(body)) {
                    return HostileRegistry.status(exchange, 400);
                } else {
                    pushed.put(last, body);
                    manifests.add(last);
                }
                return HostileRegistry.status(exchange, 201);
            }
            default -> {
                if (!pushed.containsKey(last)) {
                    return HostileRegistry.status(exchange, 404);
                }
                String digest = Digest.sha256(pushed.get(last)).value();
                exchange.getResponseHeaders().set("Docker-Content-Digest", digest);
                return HostileRegistry.status(exchange, 200);
            }
        }
    }

    private boolean namesWhatIsNotThere(byte[] manifest) {
        return DIGEST.matcher(new String(manifest, StandardCharsets.UTF_8))
                .results()
                .anyMatch(digest -> !pushed.containsKey(digest.group()));
    }

    private PushOutcome push(Optional<Digest> of, Optional<Repository> origin) {
        ImagePusher.Order order = new ImagePusher.Order(
                image,
                new ImagePusher.Origin(of, origin, sure),
                new Reference(new Repository(target.host(), "copy"), "stable", null),
                Keyring.EMPTY);
        return pusher.push(order, ImagePusher.Progress.SILENT);
    }

    private PushOutcome.Pushed pushed(Optional<Repository> origin) {
        PushOutcome outcome = push(Optional.empty(), origin);
        return assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
    }

    private Optional<Repository> origin() {
        return Optional.of(new Repository(rig.registry.host(), "web"));
    }

    @Test
    void what_this_host_does_not_have_goes_from_registry_to_registry() throws Exception {
        PushOutcome.Pushed outcome = pushed(origin());

        assertEquals(index, outcome.digest());
        assertArrayEquals(rig.registry.manifestOf(index), pushed.get("stable"));
        assertArrayEquals(other.blobs().getFirst(), pushed.get(other.layer(0).value()));
        assertTrue(pushed.containsKey(
                Digest.sha256(ManifestCodec.write(other.manifest())).value()));
        assertFalse(rig.content.contains(other.layer(0)), "nothing of it is kept here");
        assertEquals(List.of(), rig.partials());
    }

    @Test
    void the_index_goes_after_each_manifest_and_these_after_their_blobs() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            pusher = new ImagePusher(rig.images, rig.content, rig.client, threads);

            pushed(origin());
        }

        // What comes too early is refused.
        Digest child = Digest.sha256(ManifestCodec.write(other.manifest()));
        assertEquals(Set.of(image.digest().value(), child.value()), Set.copyOf(manifests.subList(0, 2)));
        assertEquals(List.of("stable"), manifests.subList(2, manifests.size()));
    }

    @Test
    void a_blob_that_goes_in_several_chunks_is_asked_for_once() throws Exception {
        serve(LARGE);

        pushed(origin());

        assertTrue(target.seen("/upload/").stream()
                .anyMatch(request -> request.header("Content-range").startsWith("8388608-")));
        assertEquals(1, rig.registry.seen("/blobs/" + other.layer(0)).size());
    }

    @Test
    void a_chunk_that_did_not_arrive_is_read_again() throws Exception {
        serve(LARGE);
        target.play("/upload/", 4, exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Range", "0-0");
            return HostileRegistry.status(exchange, exchange.getRequestMethod().equals("GET") ? 204 : 503);
        });

        pushed(origin());

        assertArrayEquals(LARGE, pushed.get(other.layer(0).value()));
    }

    @Test
    void where_it_came_from_is_not_known_the_image_goes_alone() {
        PushOutcome.Pushed outcome = pushed(Optional.empty());

        assertEquals(image.digest(), outcome.digest());
        assertFalse(pushed.containsKey(index.value()));
    }

    @Test
    void a_platform_that_the_registry_has_forgotten_leaves_the_image_alone() {
        Digest gone = Digest.sha256(ManifestCodec.write(other.manifest()));
        rig.registry.play(gone.value(), 100, exchange -> HostileRegistry.status(exchange, 404));

        assertEquals(image.digest(), pushed(origin()).digest());
    }

    @Test
    void a_blob_that_the_registry_has_forgotten_leaves_the_image_alone() {
        rig.registry.play(other.layer(0).value(), 100, exchange -> HostileRegistry.status(exchange, 404));

        assertEquals(image.digest(), pushed(origin()).digest());
        assertFalse(pushed.containsKey(index.value()));
    }

    @Test
    void a_registry_that_fails_is_named_and_nothing_is_pushed_under_the_name() {
        rig.registry.play(other.layer(0).value(), 100, exchange -> HostileRegistry.status(exchange, 500));

        PushOutcome.Failed outcome = assertInstanceOf(PushOutcome.Failed.class, push(Optional.of(index), origin()));

        assertEquals(PullOutcome.Reason.UNREACHABLE, outcome.reason());
        assertTrue(outcome.message().contains(rig.registry.host() + ": the server answers 500"), outcome::message);
        assertFalse(pushed.containsKey("stable"));
    }

    @Test
    void who_is_refused_there_pushes_the_image_alone_and_says_why() {
        Digest child = Digest.sha256(ManifestCodec.write(other.manifest()));
        rig.registry.play(child.value(), 100, exchange -> HostileRegistry.status(exchange, 403));

        PushOutcome.Pushed outcome = pushed(origin());

        assertEquals(image.digest(), outcome.digest());
        assertTrue(
                outcome.remark().startsWith("its index could not be had whole: pull " + rig.registry.host()),
                outcome::remark);
    }

    @Test
    void a_registry_that_the_image_may_have_come_from_holds_nothing_up() {
        Digest child = Digest.sha256(ManifestCodec.write(other.manifest()));
        rig.registry.play(child.value(), 100, exchange -> HostileRegistry.status(exchange, 500));
        sure = false;

        assertEquals(image.digest(), pushed(origin()).digest());
    }

    @Test
    void an_index_of_something_that_is_no_manifest_leaves_the_image_alone() throws Exception {
        byte[] odd = "{\"schemaVersion\": 2, \"mediaType\": \"application/odd\"}".getBytes(StandardCharsets.UTF_8);
        Descriptor manifest = rig.registry.manifest("", new MediaType("application/odd"), odd);
        pullIndexOf(List.of(on(Platform.host(), image.descriptor()), on(OTHER, manifest)));

        assertEquals(image.digest(), pushed(origin()).digest());
    }

    @Test
    void an_index_of_more_than_a_thousand_manifests_leaves_the_image_alone() throws Exception {
        List<Descriptor> many = new ArrayList<>(List.of(on(Platform.host(), image.descriptor())));
        for (int i = 0; i < 1000; i++) {
            ImageIndex empty = new ImageIndex(MediaType.OCI_INDEX, List.of(), Map.of("number", "" + i));
            many.add(on(OTHER, rig.registry.manifest("", MediaType.OCI_INDEX, ManifestCodec.write(empty))));
        }
        pullIndexOf(many);

        PushOutcome.Pushed outcome = pushed(origin());

        assertEquals(image.digest(), outcome.digest());
        assertEquals("its index could not be had whole: the index lists too much", outcome.remark());
    }

    private void pullIndexOf(List<Descriptor> manifests) throws Exception {
        byte[] bytes = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, manifests, Map.of()));
        index = rig.registry.manifest("v3", MediaType.OCI_INDEX, bytes).digest();
        rig.images.remove(image.digest());
        image = rig.pulled("web", "v3");
        assertEquals(Set.of(index), image.indexes());
    }

    @Test
    void a_registry_that_has_the_index_is_not_made_to_ask_for_it_again() {
        pushed(origin());
        int asked = rig.registry.seen("/v2/web/").size();

        PushOutcome.Pushed again = pushed(origin());

        assertEquals(index, again.digest());
        assertEquals(asked, rig.registry.seen("/v2/web/").size());
    }

    @Test
    void a_second_place_does_not_ask_for_the_same_manifests() {
        pushed(origin());
        Digest child = Digest.sha256(ManifestCodec.write(other.manifest()));
        pushed.clear();

        pushed(origin());

        assertEquals(1, rig.registry.seen("/manifests/" + child).size());
    }

    @Test
    void within_one_registry_it_is_mounted() {
        List<String> mounts = new CopyOnWriteArrayList<>();
        rig.registry.play("/v2/copy/", 100, exchange -> {
            exchange.getRequestBody().readAllBytes();
            boolean isMount = exchange.getRequestMethod().equals("POST");
            if (isMount) {
                mounts.add(exchange.getRequestURI().getQuery());
            }
            boolean isLook = exchange.getRequestMethod().equals("HEAD");
            return HostileRegistry.status(exchange, isLook ? 404 : 201);
        });
        Reference name = new Reference(new Repository(rig.registry.host(), "copy"), "stable", null);

        PushOutcome outcome = pusher.push(
                new ImagePusher.Order(
                        image, new ImagePusher.Origin(Optional.empty(), origin(), true), name, Keyring.EMPTY),
                ImagePusher.Progress.SILENT);

        PushOutcome.Pushed done = assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
        assertEquals(index, done.digest());
        assertEquals(0, done.sentBytes());
        assertTrue(mounts.contains("mount=" + other.layer(0) + "&from=web"), mounts::toString);
    }

    @Test
    void of_two_indexes_the_one_that_is_meant_is_pushed() throws Exception {
        ImageIndex single =
                new ImageIndex(MediaType.OCI_INDEX, List.of(on(Platform.host(), image.descriptor())), Map.of("a", "b"));
        Digest later = rig.registry
                .manifest("v2", MediaType.OCI_INDEX, ManifestCodec.write(single))
                .digest();
        image = rig.pulled("web", "v2");

        for (Digest meant : List.of(index, later)) {
            PushOutcome outcome = push(Optional.of(meant), origin());

            assertEquals(
                    meant, assertInstanceOf(PushOutcome.Pushed.class, outcome).digest());
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(5).nextBytes(bytes);
        return bytes;
    }
}
