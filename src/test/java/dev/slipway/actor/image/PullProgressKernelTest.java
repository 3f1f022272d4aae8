package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How far a pull is, in bytes.
class PullProgressKernelTest {
    @TempDir
    private Path directory;

    private final CountDownLatch held = new CountDownLatch(1);
    private ImageRig rig;
    private HostileRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
    }

    @AfterEach
    void close() throws Exception {
        held.countDown();
        rig.close();
        registry.close();
    }

    @Test
    void bytes_that_have_come_are_shown_of_those_that_will() throws Exception {
        String text = new Random(1)
                .ints(1_000_000, 'a', 'z')
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        ServedImage image = ServedImage.of(registry, "latest", text);
        byte[] layer = registry.bytesOf(image.layer());
        int half = layer.length / 2;
        registry.play(image.layer().digest().value(), 1, exchange -> {
            exchange.sendResponseHeaders(200, layer.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(layer, 0, half);
                body.flush();
                await(held);
                body.write(layer, half, layer.length - half);
            }
            return true;
        });

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: web}
                spec: {source: {pull: {reference: "%s/acme/web:latest"}}}
                """.formatted(registry.host()));

        rig.await("half of it", () -> progress("bytesDone").equals(Integer.toString(half)));
        assertEquals(Integer.toString(layer.length), progress("bytesTotal"));
        assertTrue(Long.parseLong(progress("bytesPerSecond")) > 0);
        assertEquals("Downloading", progress("phase"));
        held.countDown();
        assertEquals(image.digest(), rig.ready("images/web"));
        assertEquals("", progress("bytesDone"), "what is here has no progress");
    }

    private String progress(String field) {
        return rig.field("images/web", "/status/progress/" + field);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
