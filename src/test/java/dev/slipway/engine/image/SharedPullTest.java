package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.PullOutcome.Failed;
import dev.slipway.engine.image.PullOutcome.Pulled;
import dev.slipway.engine.image.PullOutcome.Reason;
import dev.slipway.engine.image.PullProgress.Phase;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RepositoryPattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pulls that go on at the same time.
@Timeout(60)
class SharedPullTest {
    private static final TestImage WEB = TestImage.of("base", "web");

    @TempDir
    private Path root;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private ImagesRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ImagesRig(root);
        WEB.serve(rig.registry, "v1");
        TestImage.of("base", "other").serve(rig.registry, "v2");
    }

    @AfterEach
    void stop() {
        released.countDown();
        rig.close();
    }

    @Test
    void callers_of_one_image_wait_for_one_pull() throws Exception {
        holdBaseLayer();
        CompletableFuture<PullOutcome> first = pull("web", "v1");
        asked.await();
        CountDownLatch joined = new CountDownLatch(1);
        CompletableFuture<PullOutcome> second = pull("web", "v1", joined);
        joined.await();

        released.countDown();

        assertEquals(image(first), image(second));
        assertEquals(1, rig.registry.seen(WEB.layer(0).hex()).size());
        assertEquals(1, rig.registry.seen("/manifests/").size());
    }

    @Test
    @DisplayName("S23 two images share the layer they have in common also while it travels")
    void a_layer_in_flight_is_shared_by_two_images() throws Exception {
        holdBaseLayer();
        CompletableFuture<PullOutcome> web = pull("web", "v1");
        asked.await();
        CountDownLatch joined = new CountDownLatch(2);
        CompletableFuture<PullOutcome> other = pull("other", "v2", joined);
        joined.await();

        released.countDown();

        assertEquals(2, image(web).layers().size());
        assertEquals(2, image(other).layers().size());
        assertEquals(1, rig.registry.seen(WEB.layer(0).hex()).size());
        assertEquals(
                1,
                rig.trees.unpacked().stream()
                        .filter(TestImage.diffId("base")::equals)
                        .count());
    }

    @Test
    void a_layer_that_stalls_at_one_registry_is_not_waited_for_by_an_image_of_another() throws Exception {
        holdBaseLayer();
        CompletableFuture<PullOutcome> web = pull("web", "v1");
        asked.await();
        try (HostileRegistry another = new HostileRegistry()) {
            WEB.serve(another, "v1");
            Reference there = new Reference(new Repository(another.host(), "web"), "v1", null);

            PullOutcome outcome = done(async(() -> rig.images.pull(new PullRequest(there), PullProgress.SILENT)));

            assertInstanceOf(Pulled.class, outcome);
        }
        released.countDown();
        assertEquals(2, image(web).layers().size());
    }

    @Test
    void a_caller_that_is_interrupted_leaves_the_others_their_pull() throws Exception {
        holdBaseLayer();
        CompletableFuture<PullOutcome> patient = pull("web", "v1");
        asked.await();
        CountDownLatch joined = new CountDownLatch(1);
        CompletableFuture<PullOutcome> hasty = new CompletableFuture<>();
        Thread caller = Thread.startVirtualThread(
                () -> hasty.complete(rig.images.pull(new PullRequest(rig.reference("web", "v1")), new Joined(joined))));
        joined.await();

        caller.interrupt();

        assertEquals(
                Reason.INTERRUPTED, assertInstanceOf(Failed.class, done(hasty)).reason());
        released.countDown();
        assertEquals(2, image(patient).layers().size());
    }

    @Test
    void the_last_caller_that_is_interrupted_ends_the_pull() throws Exception {
        holdBaseLayer();
        CompletableFuture<PullOutcome> only = new CompletableFuture<>();
        Thread caller =
                Thread.startVirtualThread(() -> only.complete(rig.pull("web", "v1", PullPolicy.IF_NOT_PRESENT)));
        asked.await();

        caller.interrupt();

        assertEquals(
                Reason.INTERRUPTED, assertInstanceOf(Failed.class, done(only)).reason());
        assertEquals(List.of(), rig.images.list());
        released.countDown();
        assertEquals(2, rig.pulled("web", "v1").layers().size());
    }

    @Test
    void a_layer_that_failed_for_another_pulls_credentials_is_fetched_again() throws Exception {
        Credentials anna = new Credentials("anna", "secret");
        rig.registry.play(WEB.layer(0).hex(), 99, exchange -> {
            if (exchange.getRequestHeaders().containsKey("Authorization")) {
                return false;
            }
            asked.countDown();
            hold();
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
            return HostileRegistry.status(exchange, 401);
        });
        CompletableFuture<PullOutcome> stranger = pull("web", "v1");
        asked.await();
        Keyring keyring = new Keyring(List.of(new Keyring.Key(RepositoryPattern.parse(rig.registry.host()), anna)));
        CountDownLatch joined = new CountDownLatch(2);
        CompletableFuture<PullOutcome> known = async(() -> rig.images.pull(
                new PullRequest(rig.reference("other", "v2"), Platform.host(), keyring, PullPolicy.IF_NOT_PRESENT),
                new Joined(joined)));
        joined.await();

        released.countDown();

        assertEquals(
                Reason.UNAUTHORIZED,
                assertInstanceOf(Failed.class, done(stranger)).reason());
        assertEquals(2, image(known).layers().size());
    }

    @Test
    void progress_tells_the_layers_and_how_far_each_is() {
        List<Descriptor> resolved = new CopyOnWriteArrayList<>();
        Map<Digest, List<Phase>> phases = new ConcurrentHashMap<>();
        Map<Digest, Long> bytes = new ConcurrentHashMap<>();

        rig.images.pull(new PullRequest(rig.reference("web", "v1")), new PullProgress() {
            @Override
            public void resolved(Digest manifest, List<Descriptor> layers) {
                resolved.addAll(layers);
            }

            @Override
            public void layer(Digest layer, Phase phase, long doneBytes) {
                phases.computeIfAbsent(layer, key -> new CopyOnWriteArrayList<>())
                        .add(phase);
                bytes.put(layer, doneBytes);
            }
        });

        assertEquals(WEB.manifest().layers(), resolved);
        assertEquals(Set.of(WEB.layer(0), WEB.layer(1)), phases.keySet());
        for (Descriptor layer : WEB.manifest().layers()) {
            assertEquals(
                    List.of(Phase.WAITING, Phase.DOWNLOADING, Phase.UNPACKING, Phase.DONE), phases.get(layer.digest()));
            assertEquals(layer.sizeBytes(), bytes.get(layer.digest()));
        }
    }

    /// Keeps the first request for the base layer waiting until the test lets it go.
    private void holdBaseLayer() {
        rig.registry.play(WEB.layer(0).hex(), 1, exchange -> {
            asked.countDown();
            hold();
            return false;
        });
    }

    private void hold() {
        try {
            assertTrue(released.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletableFuture<PullOutcome> pull(String path, String tag) {
        return pull(path, tag, new CountDownLatch(0));
    }

    private CompletableFuture<PullOutcome> pull(String path, String tag, CountDownLatch joined) {
        return async(() -> rig.images.pull(new PullRequest(rig.reference(path, tag)), new Joined(joined)));
    }

    private static CompletableFuture<PullOutcome> async(Supplier<PullOutcome> pull) {
        CompletableFuture<PullOutcome> outcome = new CompletableFuture<>();
        Thread.startVirtualThread(() -> outcome.complete(pull.get()));
        return outcome;
    }

    /// Counts down once when the image is resolved, and once when the base layer's flight is joined.
    private record Joined(CountDownLatch latch) implements PullProgress {
        @Override
        public void resolved(Digest manifest, List<Descriptor> layers) {
            latch.countDown();
        }

        @Override
        public void layer(Digest layer, Phase phase, long doneBytes) {
            if (layer.equals(WEB.layer(0))) {
                latch.countDown();
            }
        }
    }

    private static LocalImage image(CompletableFuture<PullOutcome> outcome) throws Exception {
        return assertInstanceOf(Pulled.class, done(outcome)).image();
    }

    private static PullOutcome done(CompletableFuture<PullOutcome> outcome) throws Exception {
        return outcome.get(30, TimeUnit.SECONDS);
    }
}
