package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.BlobPush;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is told of a push while it goes on.
class PushProgressTest {
    private static final int LARGE_BYTES = 9 << 20;

    @TempDir
    private Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Descriptor> begun = new CopyOnWriteArrayList<>();
    private final Map<Digest, List<Long>> moved = new ConcurrentHashMap<>();
    private ImagesRig rig;
    private HostileRegistry target;

    @BeforeEach
    void start() throws Exception {
        rig = new ImagesRig(root, Patience.STANDARD);
        target = new HostileRegistry();
    }

    @AfterEach
    void stop() {
        rig.close();
        target.close();
        threads.shutdownNow();
    }

    @Test
    void the_bytes_of_each_blob_are_told_as_they_go() throws Exception {
        target.play(PushProgressTest::take);

        push(large());

        assertEquals(begun.stream().map(Descriptor::digest).collect(Collectors.toSet()), moved.keySet());
        for (Descriptor blob : begun) {
            List<Long> told = moved.get(blob.digest());
            assertEquals(blob.sizeBytes(), told.getLast());
            assertEquals(told.stream().sorted().toList(), told);
        }
        Descriptor largest = begun.stream()
                .filter(blob -> blob.sizeBytes() > LARGE_BYTES / 2)
                .findFirst()
                .orElseThrow();
        assertTrue(moved.get(largest.digest()).size() > 10);
    }

    @Test
    void what_the_registry_has_counts_as_sent() throws Exception {
        target.play(exchange -> {
            boolean isBlob = exchange.getRequestURI().getPath().contains("/blobs/sha256:");
            return isBlob && HostileRegistry.status(exchange, 200);
        });
        target.play(exchange -> exchange.getRequestMethod().equals("PUT") && HostileRegistry.status(exchange, 201));

        push(large());

        for (Descriptor blob : begun) {
            assertEquals(List.of(blob.sizeBytes()), moved.get(blob.digest()));
        }
    }

    private LocalImage large() throws Exception {
        StringBuilder text = new StringBuilder();
        new Random(7).ints(LARGE_BYTES, 0, 256).forEach(each -> text.append((char) each));
        TestImage.of("small", text.toString()).serve(rig.registry, "v1");
        return rig.pulled("web", "v1");
    }

    private void push(LocalImage image) {
        Reference name = new Reference(new Repository(target.host(), "copy"), "v1", null);
        ImagePusher.Order order = new ImagePusher.Order(image, ImagePusher.Origin.UNKNOWN, name, Keyring.EMPTY);
        PushOutcome outcome = new ImagePusher(rig.sources(), rig.client, threads).push(order, new Notes());
        assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
    }

    private final class Notes implements ImagePusher.Progress {
        @Override
        public void begun(List<Descriptor> blobs) {
            begun.addAll(blobs);
        }

        @Override
        public void moved(Descriptor blob, long bytes) {
            moved.computeIfAbsent(blob.digest(), digest -> new CopyOnWriteArrayList<>())
                    .add(bytes);
        }

        @Override
        public void sent(Descriptor blob, BlobPush.Sent how) {
            assertEquals(blob.sizeBytes(), moved.get(blob.digest()).getLast());
        }
    }

    /// An empty registry that takes whatever comes.
    private static boolean take(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getPath());
        return HostileRegistry.status(
                exchange,
                switch (exchange.getRequestMethod()) {
                    case "POST", "PATCH" -> 202;
                    case "PUT" -> 201;
                    default -> 404;
                });
    }
}
