package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed in the middle of a pull, and the next one on the same disk.
@Timeout(120)
class KilledPullIT {
    private static final int CAME_BYTES = 400_000;

    @TempDir
    private Path root;

    @Test
    void the_next_process_goes_on_where_the_killed_one_stopped() throws Exception {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        TestImage image = TestImage.of("small", Arrays.toString(noise));
        byte[] blob = image.blobs().getLast();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (ImagesRig rig = new ImagesRig(root)) {
            image.serve(rig.registry, "v1");
            rig.registry.play("/blobs/" + image.layer(1), 1, exchange -> {
                exchange.sendResponseHeaders(200, blob.length);
                exchange.getResponseBody().write(blob, 0, CAME_BYTES);
                exchange.getResponseBody().flush();
                held.countDown();
                return await(released) && HostileRegistry.status(exchange, 500);
            });
            Process first = start(rig.reference("web", "v1"));
            try {
                held.await();
                awaitPartial(rig);
                assertEquals(List.of(), rig.restarted().list());
            } finally {
                first.destroyForcibly().waitFor();
                released.countDown();
            }

            PullOutcome outcome =
                    rig.restarted().pull(new PullRequest(rig.reference("web", "v1")), PullProgress.SILENT);

            PullOutcome.Pulled pulled = assertInstanceOf(PullOutcome.Pulled.class, outcome);
            assertEquals(2, pulled.image().layers().size());
            // The other layer, which is small, may not have come when the process was killed.
            int most = blob.length - CAME_BYTES + image.blobs().getFirst().length;
            assertTrue(pulled.fetchedBytes() <= most, "fetched " + pulled.fetchedBytes());
            assertEquals(List.of(), rig.partials());
        }
    }

    private static void awaitPartial(ImagesRig rig) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (rig.partials().stream().noneMatch(file -> file.toFile().length() == CAME_BYTES)) {
            assertTrue(System.nanoTime() < deadline, "the bytes did not come");
            Thread.onSpinWait();
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Process start(Reference reference) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Puller.class.getName(),
                        root.toString(),
                        reference.toString())
                .inheritIO()
                .start();
    }

    /// Pulls one image and says nothing.
    static final class Puller {
        private Puller() {}

        public static void main(String[] arguments) throws Exception {
            Path root = Path.of(arguments[0]);
            DirectoryContentStore content = new DirectoryContentStore(root, InstantSource.system());
            content.start();
            ExecutorService threads = Executors.newCachedThreadPool();
            HostImages images = new HostImages(
                    root.resolve("index.json"),
                    new HostImages.Stores(
                            content,
                            new MemoryLayerTrees(),
                            new Repositories(
                                    root.resolve("repositories"),
                                    content,
                                    InstantSource.system(),
                                    InstantSource.system())),
                    new RegistryClient(RegistrySettings.STANDARD),
                    threads);
            images.start();
            images.pull(new PullRequest(Reference.parse(arguments[1])), PullProgress.SILENT);
        }
    }
}
