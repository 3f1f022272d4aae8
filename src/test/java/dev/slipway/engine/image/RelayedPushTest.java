package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pushes of an index of which this host has one platform.
class RelayedPushTest {
    private static final byte[] LARGE = bytes(20 << 20);

    @TempDir
    private Path root;

    private RelayRig rig;
    private ImagePusher pusher;

    @BeforeEach
    void open() throws Exception {
        rig = new RelayRig(root);
        pusher = rig.pusher(Runnable::run);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private PushOutcome push(Optional<Digest> of, Optional<Repository> origin) {
        return pusher.push(rig.order(of, origin), ImagePusher.Progress.SILENT);
    }

    private PushOutcome.Pushed pushed(Optional<Repository> origin) {
        return RelayRig.pushed(push(Optional.empty(), origin));
    }

    @Test
    void what_this_host_does_not_have_goes_from_registry_to_registry() throws Exception {
        PushOutcome.Pushed outcome = pushed(rig.origin());

        assertEquals(rig.index, outcome.digest());
        assertArrayEquals(rig.source.manifestOf(rig.index), rig.pushed.get("stable"));
        assertArrayEquals(
                rig.other.blobs().getFirst(), rig.pushed.get(rig.other.layer(0).value()));
        assertTrue(rig.pushed.containsKey(rig.otherManifest().value()));
        assertFalse(rig.host.content.contains(rig.other.layer(0)), "nothing of it is kept here");
        assertEquals(List.of(), rig.host.partials());
    }

    @Test
    void a_blob_that_goes_in_several_chunks_is_asked_for_once() throws Exception {
        rig.serve(LARGE);

        pushed(rig.origin());

        assertTrue(rig.target.seen("/upload/").stream()
                .anyMatch(request -> request.header("Content-range").startsWith("8388608-")));
        assertEquals(1, rig.source.seen("/blobs/" + rig.other.layer(0)).size());
    }

    @Test
    void a_chunk_that_did_not_arrive_is_read_again() throws Exception {
        rig.serve(LARGE);
        rig.target.play("/upload/", 4, exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Range", "0-0");
            return HostileRegistry.status(exchange, exchange.getRequestMethod().equals("GET") ? 204 : 503);
        });

        pushed(rig.origin());

        assertArrayEquals(LARGE, rig.pushed.get(rig.other.layer(0).value()));
    }

    @Test
    void where_it_came_from_is_not_known_the_image_goes_alone() {
        PushOutcome.Pushed outcome = pushed(Optional.empty());

        assertEquals(rig.image.digest(), outcome.digest());
        assertFalse(rig.pushed.containsKey(rig.index.value()));
    }

    @Test
    void a_platform_that_the_registry_has_forgotten_leaves_the_image_alone() {
        Digest gone = rig.otherManifest();
        rig.source.play(gone.value(), 100, exchange -> HostileRegistry.status(exchange, 404));

        assertEquals(rig.image.digest(), pushed(rig.origin()).digest());
    }

    @Test
    void a_blob_that_the_registry_has_forgotten_leaves_the_image_alone() {
        rig.source.play(rig.other.layer(0).value(), 100, exchange -> HostileRegistry.status(exchange, 404));

        assertEquals(rig.image.digest(), pushed(rig.origin()).digest());
        assertFalse(rig.pushed.containsKey(rig.index.value()));
    }

    @Test
    void a_registry_that_fails_is_named_and_nothing_is_pushed_under_the_name() {
        rig.source.play(rig.other.layer(0).value(), 100, exchange -> HostileRegistry.status(exchange, 500));

        PushOutcome.Failed outcome =
                assertInstanceOf(PushOutcome.Failed.class, push(Optional.of(rig.index), rig.origin()));

        assertEquals(PullOutcome.Reason.UNREACHABLE, outcome.reason());
        assertTrue(outcome.message().contains(rig.source.host() + ": the server answers 500"), outcome::message);
        assertFalse(rig.pushed.containsKey("stable"));
    }

    @Test
    void who_is_refused_there_pushes_the_image_alone_and_says_why() {
        Digest child = rig.otherManifest();
        rig.source.play(child.value(), 100, exchange -> HostileRegistry.status(exchange, 403));

        PushOutcome.Pushed outcome = pushed(rig.origin());

        assertEquals(rig.image.digest(), outcome.digest());
        assertTrue(
                outcome.remark().startsWith("its index could not be had whole: pull " + rig.source.host()),
                outcome::remark);
    }

    @Test
    void a_registry_that_the_image_may_have_come_from_holds_nothing_up() {
        Digest child = rig.otherManifest();
        rig.source.play(child.value(), 100, exchange -> HostileRegistry.status(exchange, 500));
        rig.sure = false;

        assertEquals(rig.image.digest(), pushed(rig.origin()).digest());
    }

    @Test
    void a_registry_that_has_the_index_is_not_made_to_ask_for_it_again() {
        pushed(rig.origin());
        int asked = rig.source.seen("/v2/web/").size();

        PushOutcome.Pushed again = pushed(rig.origin());

        assertEquals(rig.index, again.digest());
        assertEquals(asked, rig.source.seen("/v2/web/").size());
    }

    @Test
    void a_second_place_does_not_ask_for_the_same_manifests() {
        pushed(rig.origin());
        Digest child = rig.otherManifest();
        rig.pushed.clear();

        pushed(rig.origin());

        assertEquals(1, rig.source.seen("/manifests/" + child).size());
    }

    @Test
    void within_one_registry_it_is_mounted() {
        List<String> mounts = new CopyOnWriteArrayList<>();
        rig.source.play("/v2/copy/", 100, exchange -> {
            exchange.getRequestBody().readAllBytes();
            boolean isMount = exchange.getRequestMethod().equals("POST");
            if (isMount) {
                mounts.add(exchange.getRequestURI().getQuery());
            }
            boolean isLook = exchange.getRequestMethod().equals("HEAD");
            return HostileRegistry.status(exchange, isLook ? 404 : 201);
        });
        Reference name = new Reference(new Repository(rig.source.host(), "copy"), "stable", null);

        PushOutcome outcome = pusher.push(
                new ImagePusher.Order(
                        rig.image, new ImagePusher.Origin(Optional.empty(), rig.origin(), true), name, Keyring.EMPTY),
                ImagePusher.Progress.SILENT);

        PushOutcome.Pushed done = assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
        assertEquals(rig.index, done.digest());
        assertEquals(0, done.sentBytes());
        assertTrue(mounts.contains("mount=" + rig.other.layer(0) + "&from=web"), mounts::toString);
    }

    @Test
    void of_two_indexes_the_one_that_is_meant_is_pushed() {
        Digest later = rig.pullAnotherIndex("v2");

        for (Digest meant : List.of(rig.index, later)) {
            assertEquals(
                    meant,
                    RelayRig.pushed(push(Optional.of(meant), rig.origin())).digest());
        }
    }

    @Test
    void of_two_indexes_none_is_guessed_at() {
        rig.pullAnotherIndex("v2");

        PushOutcome.Pushed outcome = pushed(rig.origin());

        assertEquals(rig.image.digest(), outcome.digest());
        assertEquals("it is of several indexes, and which is meant is not known", outcome.remark());
    }

    @Test
    void of_two_indexes_the_one_that_is_there_stays() {
        pushed(rig.origin());
        rig.pullAnotherIndex("v2");

        assertEquals(rig.index, pushed(rig.origin()).digest());
    }

    @Test
    void where_an_older_catalog_does_not_tell_of_two_indexes_a_pull_does() throws Exception {
        Reference name = rig.host.reference("web", "v1");
        rig.pullAnotherIndex("v2");
        Path file = root.resolve("index.json");
        Files.writeString(file, Files.readString(file).replace("dev.slipway.pulled-as", "old"));
        HostImages images = rig.host.restarted();
        assertEquals(Map.of(), images.find(name).orElseThrow().pulledAs());

        images.pull(new PullRequest(name, Platform.host(), Keyring.EMPTY, PullPolicy.ALWAYS), PullProgress.SILENT);

        assertEquals(Map.of(name, rig.index), images.find(name).orElseThrow().pulledAs());
    }

    @Test
    void what_was_pulled_as_no_index_goes_alone_and_nothing_is_to_be_said() {
        PushOutcome.Pushed outcome = RelayRig.pushed(push(Optional.of(rig.image.digest()), rig.origin()));

        assertEquals(rig.image.digest(), outcome.digest());
        assertEquals("", outcome.remark());
    }

    @Test
    void of_which_index_a_name_was_pulled_is_known_also_after_a_start() throws Exception {
        Digest later = rig.pullAnotherIndex("v2");
        Reference first = rig.host.reference("web", "v1");
        Reference second = rig.host.reference("web", "v2");

        for (HostImages images : List.of(rig.host.images, rig.host.restarted())) {
            assertEquals(
                    Map.of(first, rig.index, second, later),
                    images.find(first).orElseThrow().pulledAs());
        }
        rig.host.images.unname(second);
        assertEquals(
                Map.of(first, rig.index),
                rig.host.images.find(first).orElseThrow().pulledAs());
    }

    @Test
    void a_name_that_has_another_index_now_is_pulled_as_that() {
        Digest later = rig.pullAnotherIndex("v2");
        rig.source.manifest("v1", MediaType.OCI_INDEX, rig.source.manifestOf(later));

        rig.host.pull("web", "v1", PullPolicy.ALWAYS);

        Reference name = rig.host.reference("web", "v1");
        assertEquals(Optional.of(later), rig.host.images.find(name).flatMap(image -> image.pulledAs(name)));
    }

    @Test
    void what_one_repository_has_shown_is_asked_of_another_again() {
        pushed(rig.origin());
        rig.pushed.clear();

        pushed(Optional.of(new Repository(rig.source.host(), "other")));

        assertEquals(
                1, rig.source.seen("/v2/web/manifests/" + rig.otherManifest()).size());
        assertEquals(
                1, rig.source.seen("/v2/other/manifests/" + rig.otherManifest()).size());
    }

    @Test
    void blobs_that_were_changed_on_the_way_leave_the_image_alone() {
        rig.source.play(rig.other.layer(0).value(), 100, this::changed);

        PushOutcome.Pushed outcome = pushed(rig.origin());

        assertEquals(rig.image.digest(), outcome.digest());
        assertTrue(outcome.remark().contains("has another digest in " + rig.source.host() + "/web"), outcome::remark);
        assertEquals(2, rig.source.seen("/blobs/" + rig.other.layer(0)).size());
        assertFalse(rig.pushed.containsKey(Digest.sha256(changed()).value()), "its last byte is held back");
    }

    private byte[] changed() {
        byte[] bytes = rig.other.blobs().getFirst().clone();
        bytes[4] ^= 1;
        return bytes;
    }

    private boolean changed(HttpExchange exchange) throws IOException {
        return HostileRegistry.send(exchange, changed());
    }

    @Test
    void what_a_mirror_changes_comes_from_the_registry_itself() throws Exception {
        try (HostileRegistry mirror = new HostileRegistry()) {
            mirror.play(rig.other.layer(0).value(), 100, this::changed);
            rig.host.mirror(mirror);

            assertEquals(rig.index, pushed(rig.origin()).digest());
        }
        assertArrayEquals(
                rig.other.blobs().getFirst(), rig.pushed.get(rig.other.layer(0).value()));
    }

    @Test
    void an_index_that_this_host_has_lost_is_fetched_again() throws Exception {
        pushed(rig.origin());
        rig.host.content.delete(rig.index);

        assertEquals(rig.index, pushed(rig.origin()).digest());
    }

    @Test
    void an_index_that_is_lost_for_good_leaves_the_image_alone() throws Exception {
        pushed(rig.origin());
        rig.host.content.delete(rig.index);

        PushOutcome.Pushed outcome = pushed(Optional.empty());

        assertEquals(rig.image.digest(), outcome.digest());
        assertEquals("its index could not be had whole: " + rig.index + " is not on this host", outcome.remark());
    }

    @Test
    void the_index_goes_after_each_manifest_and_these_after_their_blobs() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            pusher = rig.pusher(threads);

            pushed(rig.origin());
        }

        // What comes too early is refused.
        Set<String> first =
                Set.of(rig.image.digest().value(), rig.otherManifest().value());
        assertEquals(first, Set.copyOf(rig.manifests.subList(0, 2)));
        assertEquals(List.of("stable"), rig.manifests.subList(2, rig.manifests.size()));
    }

    @Test
    void blobs_of_one_push_travel_side_by_side() throws Exception {
        Set<String> distinct = ConcurrentHashMap.newKeySet();
        CountDownLatch both = new CountDownLatch(2);
        rig.target.play("/blobs/sha256:", Integer.MAX_VALUE, exchange -> {
            if (distinct.add(exchange.getRequestURI().getPath())) {
                both.countDown();
            }
            return !awaited(both) && HostileRegistry.status(exchange, 503);
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            pusher = rig.pusher(threads);

            assertEquals(rig.index, pushed(rig.origin()).digest());
        }
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(5).nextBytes(bytes);
        return bytes;
    }
}
