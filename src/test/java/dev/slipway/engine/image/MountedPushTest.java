package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pushes to several repositories of one registry.
class MountedPushTest {
    @TempDir
    private Path root;

    private ImagesRig rig;
    private HostileRegistry target;
    private ImagePusher pusher;
    private LocalImage image;
    private int refusal;

    @BeforeEach
    void open() throws Exception {
        rig = new ImagesRig(root);
        TestImage.of("base", "web").serve(rig.registry, "v1");
        image = rig.pulled("web", "v1");
        pusher = new ImagePusher(rig.sources(), rig.client, Runnable::run);
        target = new HostileRegistry();
        target.play(exchange -> {
            boolean mounts = String.valueOf(exchange.getRequestURI().getQuery()).contains("mount=");
            switch (exchange.getRequestMethod()) {
                case "HEAD" -> exchange.sendResponseHeaders(404, -1);
                case "POST" -> {
                    exchange.getResponseHeaders().set("Location", "/v2/upload");
                    exchange.sendResponseHeaders(mounts ? (refusal == 0 ? 201 : refusal) : 202, -1);
                }
                default -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(201, -1);
                }
            }
            exchange.close();
            return true;
        });
    }

    @AfterEach
    void close() {
        target.close();
        rig.close();
    }

    private PushOutcome.Pushed push(ImagePusher by, String repository) {
        Reference name = new Reference(new Repository(target.host(), repository), "v1", null);
        PushOutcome outcome = by.push(image, name, Keyring.EMPTY);
        return assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
    }

    private List<String> asked(String repository) {
        return target.seen("/v2/" + repository + "/blobs/uploads/").stream()
                .map(HostileRegistry.Seen::query)
                .filter(query -> query.endsWith("&from=first"))
                .toList();
    }

    @Test
    void a_second_repository_of_a_registry_gets_every_blob_from_the_first() {
        push(pusher, "first");

        PushOutcome.Pushed second = push(pusher, "second");

        assertEquals(0, second.sentBytes());
        assertEquals(3, asked("second").size(), "two layers and the config");
    }

    @Test
    void what_a_repository_is_told_to_have_is_taken_from_there() {
        pusher.noteAt(new Repository(target.host(), "first"), image);

        assertEquals(0, push(pusher, "second").sentBytes());
    }

    @Test
    void a_registry_that_refuses_to_look_into_the_other_repository_gets_the_blobs() {
        push(pusher, "first");
        refusal = 403;

        PushOutcome.Pushed second = push(pusher, "second");

        assertEquals(image.packedBytes() + image.manifest().config().sizeBytes(), second.sentBytes());
    }

    @Test
    void a_registry_that_has_the_image_and_does_not_take_it_again_is_told_of() {
        HostileRegistry.Trick before = exchange -> {
            boolean isLook = exchange.getRequestMethod().equals("HEAD");
            exchange.getResponseHeaders()
                    .set("Docker-Content-Digest", image.digest().value());
            return HostileRegistry.status(
                    exchange, isLook && exchange.getRequestURI().getPath().endsWith("/v1") ? 200 : isLook ? 404 : 403);
        };
        target.play(before);

        PushOutcome.Pushed pushed = push(pusher, "first");

        assertEquals(image.digest(), pushed.digest());
        assertTrue(pushed.remark().contains("was there, and was not taken again: "), pushed::remark);
    }
}
