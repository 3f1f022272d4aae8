package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A layer that is much larger than what a pull may take of memory. What is alive is looked at while it is on its way.
@Timeout(180)
class LargeLayerKernelTest {
    private static final int SMALL_MIB = 1;
    private static final int LARGE_MIB = 48;
    private static final long MOST_GROWTH_BYTES = 8L << 20;
    private static final int LOOKS = 4;

    @TempDir
    private Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RegistryClient client = new RegistryClient(RegistrySettings.STANDARD);
    private final AtomicLong mostAlive = new AtomicLong();
    private HostileRegistry registry;
    private HostImages images;

    @BeforeEach
    void start() throws IOException {
        registry = new HostileRegistry();
        Snapshots snapshots = new Snapshots(root.resolve("snapshots"), threads);
        snapshots.open();
        DirectoryContentStore content = new DirectoryContentStore(root.resolve("content"), InstantSource.system());
        content.start();
        Repositories repositories =
                new Repositories(root.resolve("repositories"), content, InstantSource.system(), InstantSource.system());
        repositories.start();
        DiskLayerTrees trees = new DiskLayerTrees(snapshots, LayerLimits.STANDARD, threads);
        images = new HostImages(
                root.resolve("content/index.json"),
                new HostImages.Stores(content, trees, repositories),
                client,
                threads);
        images.start();
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
        threads.shutdownNow();
    }

    @Test
    void memory_of_a_pull_does_not_grow_with_the_layer() throws IOException {
        // Loads what is loaded once.
        mostAliveWhilePulling("first", SMALL_MIB);

        long small = mostAliveWhilePulling("small", SMALL_MIB);
        long large = mostAliveWhilePulling("large", LARGE_MIB);

        assertTrue(large - small < MOST_GROWTH_BYTES, small + " and then " + large + " bytes");
    }

    private long mostAliveWhilePulling(String name, int mebibytes) throws IOException {
        Path layer = serve(name, mebibytes);
        mostAlive.set(0);

        PullOutcome outcome = images.pull(
                new PullRequest(
                        new Reference(new Repository(registry.host(), name), name, null),
                        Platform.host(),
                        Keyring.EMPTY,
                        PullPolicy.IF_NOT_PRESENT),
                PullProgress.SILENT);

        assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString);
        assertEquals(1, registry.seen(digest(layer).value()).size());
        return mostAlive.get();
    }

    /// Serves an image with one layer, in which is one file that cannot be packed.
    private Path serve(String name, int mebibytes) throws IOException {
        Path archive = root.resolve(name + ".tar");
        Command.run("sh", "-ec", """
                mkdir %1$s && head -c %2$dM /dev/urandom >%1$s/file
                tar -C %1$s -cf %1$s.tar file && gzip -1 -k %1$s.tar && rm -r %1$s
                """.formatted(root.resolve(name), mebibytes));
        Path layer = root.resolve(name + ".tar.gz");
        byte[] config = ImageConfigCodec.write(new ImageConfig(
                Platform.host(), null, RunParameters.EMPTY, List.of(new DiffId(digest(archive))), List.of()));
        ImageManifest manifest = new ImageManifest(
                registry.blob(MediaType.OCI_CONFIG, config),
                List.of(new Descriptor(MediaType.OCI_LAYER_GZIP, digest(layer), Files.size(layer))));
        registry.manifest(name, MediaType.OCI_MANIFEST, ManifestCodec.write(manifest));
        registry.play(digest(layer).value(), 1, exchange -> send(exchange, layer));
        return layer;
    }

    private static Digest digest(Path file) throws IOException {
        String hex = Command.run("sha256sum", file.toString()).split(" ")[0];
        return Digest.parse("sha256:" + hex).orElseThrow();
    }

    private boolean send(HttpExchange exchange, Path layer) throws IOException {
        long size = Files.size(layer);
        exchange.sendResponseHeaders(200, size);
        try (InputStream in = Files.newInputStream(layer);
                OutputStream out = exchange.getResponseBody()) {
            byte[] chunk = new byte[1 << 16];
            long sent = 0;
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                out.write(chunk, 0, count);
                if (sent * LOOKS / size < (sent + count) * LOOKS / size) {
                    look();
                }
                sent += count;
            }
        }
        return true;
    }

    /// What garbage collection leaves, with what buffers have outside the heap.
    private void look() {
        System.gc();
        long alive = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            alive += pool.getMemoryUsed();
        }
        mostAlive.accumulateAndGet(alive, Math::max);
    }
}
