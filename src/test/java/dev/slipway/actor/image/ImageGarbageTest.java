package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens to an image that nobody needs while it is looked at.
class ImageGarbageTest {
    private static final LocalImage IMAGE = PlayedImages.image("one");

    @TempDir
    private Path folder;

    private final PlayedImages images = new PlayedImages();
    private SqliteObjectStore store;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        images.add(IMAGE);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private ImageGarbage garbage(Supplier<ImageUsers> users, Supplier<Set<Digest>> made) {
        return new ImageGarbage(store, images, users, new ImageGarbage.Sights(made, image -> Set.of(), removed -> {}));
    }

    private void claim() {
        ObjectNode object = ObjectCodec.json().createObjectNode();
        object.put("apiVersion", "slipway.dev/v1alpha1").put("kind", "Image");
        object.putObject("metadata").put("name", "web");
        object.putObject("spec").putObject("source").putObject("pull").put("reference", "acme/web");
        object.putObject("status").put("digest", IMAGE.digest().value());
        try {
            store.create(ImageObjects.imageKey("web"), ApiObject.of(object));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void what_nobody_needs_goes() {
        ImageGarbage garbage = garbage(() -> ImageUsers.NONE, Set::of);

        assertInstanceOf(ImageGarbage.Look.Whole.class, garbage.collect(Set.of()));

        assertEquals(List.of(), images.list());
        assertFalse(garbage.isDue());
    }

    @Test
    void of_lost_images_those_are_forgotten_that_nobody_runs_from() {
        Set<Digest> used = lost("used");
        Set<Digest> claimed = Set.of(IMAGE.digest());
        images.lost.addAll(List.of(used, lost("idle"), claimed));
        claim();
        ImageUsers.User pod = new ImageUsers.User("Pod", "default", "web");
        Map<Digest, Set<ImageUsers.User>> users = new HashMap<>();
        users.put(used.iterator().next(), Set.of(pod));
        ImageGarbage garbage = garbage(() -> new ImageUsers(users), Set::of);

        garbage.collect(Set.of());

        assertEquals(List.of(used), images.lost);
        assertTrue(garbage.isDue(), "somebody looks again when the pod has gone");
        users.clear();
        garbage.collect(Set.of());
        assertEquals(List.of(), images.lost);
        assertFalse(garbage.isDue());
    }

    private static Set<Digest> lost(String text) {
        return Set.of(Digest.sha256(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void what_an_object_claims_between_the_two_looks_stays() {
        // The users are asked between the first look at the claims and the second.
        ImageGarbage garbage = garbage(
                () -> {
                    if (store.get(ImageObjects.imageKey("web")).isEmpty()) {
                        claim();
                    }
                    return ImageUsers.NONE;
                },
                Set::of);

        garbage.collect(Set.of());

        assertEquals(List.of(IMAGE), images.list());
    }

    @Test
    void what_an_errand_builds_on_since_the_first_look_stays() {
        int[] looks = {0};

        garbage(() -> ImageUsers.NONE, () -> looks[0]++ == 0 ? Set.of() : Set.of(IMAGE.digest()))
                .collect(Set.of());

        assertEquals(List.of(IMAGE), images.list());
    }

    @Test
    void who_could_not_be_asked_may_need_it_and_is_asked_again() {
        boolean[] broken = {true};
        ImageGarbage garbage = garbage(
                () -> {
                    if (broken[0]) {
                        throw new UncheckedIOException(new IOException("read pods: input/output error"));
                    }
                    return ImageUsers.NONE;
                },
                Set::of);

        assertThrows(UncheckedIOException.class, () -> garbage.collect(Set.of()));

        assertEquals(List.of(IMAGE), images.list());
        assertTrue(garbage.isDue(), "it is not over");
        broken[0] = false;
        assertInstanceOf(ImageGarbage.Look.Whole.class, garbage.collect(Set.of()));
        assertEquals(List.of(), images.list());
    }
}
