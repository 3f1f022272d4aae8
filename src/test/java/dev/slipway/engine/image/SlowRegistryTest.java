package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.Patience;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What comes from and goes to other registries while one stalls.
@Timeout(120)
class SlowRegistryTest {
    private static final TestImage LARGE = TestImage.of("1", "2", "3", "4", "5", "6", "7", "8", "9");

    private static final String CONFIG = LARGE.manifest().config().digest().hex();

    @TempDir
    private Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch stalled = new CountDownLatch(4);
    private final CountDownLatch released = new CountDownLatch(1);
    private ImagesRig rig;
    private HostileRegistry other;

    @BeforeEach
    void start() throws Exception {
        rig = new ImagesRig(root, Patience.STANDARD);
        other = new HostileRegistry();
    }

    @AfterEach
    void stop() {
        released.countDown();
        rig.close();
        other.close();
        threads.shutdownNow();
    }

    @Test
    void nine_layers_that_stall_at_one_registry_hold_up_no_image_of_another() throws Exception {
        LARGE.serve(rig.registry, "v1");
        stallAt("/blobs/");
        CompletableFuture<PullOutcome> slow = pull(rig.registry);
        assertTrue(stalled.await(40, TimeUnit.SECONDS));
        TestImage.of("other").serve(other, "v1");

        PullOutcome quick = pull(other).get(40, TimeUnit.SECONDS);

        assertInstanceOf(PullOutcome.Pulled.class, quick);
        assertEquals(4, layersAsked(), "layers of one registry at a time");
        released.countDown();
        assertInstanceOf(PullOutcome.Pulled.class, slow.get(40, TimeUnit.SECONDS));
    }

    @Test
    void two_pushes_to_a_registry_that_stalls_hold_up_no_push_to_another() throws Exception {
        LARGE.serve(rig.registry, "v1");
        LocalImage image = rig.pulled("web", "v1");
        TestImage.of("alpha", "beta", "gamma", "delta", "epsilon").serve(rig.registry, "v2");
        LocalImage another = rig.pulled("web", "v2");
        ImagePusher pusher = new ImagePusher(rig.sources(), rig.client, threads);
        HostileRegistry slow = rig.registry;
        slow.play(exchange -> exchange.getRequestURI().getPath().startsWith("/v2/copy/manifests/")
                && HostileRegistry.status(exchange, 404));
        stallAt("/v2/copy/blobs/");
        CompletableFuture<PushOutcome> first = push(pusher, image, slow);
        CompletableFuture<PushOutcome> second = push(pusher, another, slow);
        assertTrue(stalled.await(40, TimeUnit.SECONDS));
        takeEverything(other);

        PushOutcome quick = push(pusher, another, other).get(40, TimeUnit.SECONDS);

        assertInstanceOf(PushOutcome.Pushed.class, quick, quick::toString);
        long blobs = slow.seen("/v2/copy/blobs/").stream()
                .map(HostileRegistry.Seen::path)
                .filter(path -> !path.contains(CONFIG))
                .distinct()
                .count();
        assertEquals(4, blobs, "blobs to one registry at a time");
        released.countDown();
        first.get(40, TimeUnit.SECONDS);
        second.get(40, TimeUnit.SECONDS);
    }

    /// Lets nobody have, or send, more than the config until the test is over.
    private void stallAt(String part) {
        rig.registry.play(exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.contains(part) && !path.contains(CONFIG)) {
                stalled.countDown();
                await(released);
            }
            return false;
        });
    }

    /// A registry that has each blob, and keeps each manifest.
    private static void takeEverything(HostileRegistry registry) {
        registry.play(exchange -> switch (exchange.getRequestMethod()) {
            case "HEAD" ->
                HostileRegistry.status(
                        exchange, exchange.getRequestURI().getPath().contains("/blobs/") ? 200 : 404);
            case "PUT" -> HostileRegistry.status(exchange, 201);
            default -> false;
        });
    }

    private long layersAsked() {
        List<String> layers = LARGE.manifest().layers().stream()
                .map(layer -> layer.digest().value())
                .toList();
        return layers.stream()
                .filter(layer -> !rig.registry.seen(layer).isEmpty())
                .count();
    }

    private CompletableFuture<PullOutcome> pull(HostileRegistry registry) {
        Reference name = new Reference(new Repository(registry.host(), "web"), "v1", null);
        return CompletableFuture.supplyAsync(
                () -> rig.images.pull(new PullRequest(name), PullProgress.SILENT), threads);
    }

    private CompletableFuture<PushOutcome> push(ImagePusher pusher, LocalImage image, HostileRegistry registry) {
        String tag = image.digest().hex().substring(0, 12);
        Reference target = new Reference(new Repository(registry.host(), "copy"), tag, null);
        return CompletableFuture.supplyAsync(() -> pusher.push(image, target, Keyring.EMPTY), threads);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(100, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
