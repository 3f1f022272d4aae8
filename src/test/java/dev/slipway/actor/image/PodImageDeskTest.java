package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.actor.registry.PullSecrets;
import dev.slipway.actor.registry.RegistryReach;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome.Reason;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a pod is told, and when it is touched; time and pulls are played, errands run at once.
class PodImageDeskTest {
    private static final ObjectKey POD = new ObjectKey(GroupResource.core("pods"), "default", "web");

    @TempDir
    private Path folder = Path.of("");

    private final FakeDelays delays = new FakeDelays();
    private final List<ObjectKey> touched = new ArrayList<>();
    private final PlayedImages images = new PlayedImages();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private ObjectStore store;
    private PodImageDesk desk;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder.resolve("objects"));
        Schedule schedule = new Schedule(() -> now, delays, Runnable::run);
        EventRecorder recorder = new EventRecorder(store, new EventSource("test", "here"), schedule);
        PodImageDesk.Tools tools = new PodImageDesk.Tools(
                images,
                new LocalNames(store, images),
                new PullSecrets(store),
                new PodEvents(store, recorder),
                new PullMeter.Meters(name -> {}, schedule),
                name -> {},
                new RegistryReach(host -> Optional.empty(), host -> {}));
        Backoff backoff = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5), () -> 0);
        desk = new PodImageDesk(tools, schedule, backoff, touched::add);
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private Answer ask(PullPolicy policy) {
        return desk.ask(new Question(POD, "uid", "acme/web:1", policy, List.of()));
    }

    private void pass(Duration time) {
        now = now.plus(time);
        delays.advance(time);
    }

    private Answer.Failed failed() {
        return assertInstanceOf(Answer.Failed.class, ask(PullPolicy.IF_NOT_PRESENT));
    }

    @Test
    void a_failure_becomes_a_back_off_and_the_pod_is_touched_for_both() {
        images.fails(Reason.NOT_FOUND, Optional.empty());
        ask(PullPolicy.IF_NOT_PRESENT);
        assertEquals(List.of(POD), touched);
        assertEquals("ErrImagePull", failed().reason());
        assertEquals(now.plusSeconds(10), failed().retryAt());

        pass(Duration.ofSeconds(3));

        assertEquals(2, touched.size());
        assertEquals("ImagePullBackOff", failed().reason());
        assertEquals("Back-off pulling image \"acme/web:1\": ErrImagePull: pull failed on purpose", failed().message());
        assertEquals(1, images.pulls.size());
    }

    @Test
    void a_name_that_is_none_is_told_as_the_kubelet_does() throws Exception {
        store.create(POD, ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree("""
                {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: default, uid: uid}}""")));

        Answer answer = desk.ask(new Question(POD, "uid", "acme/WEB", PullPolicy.IF_NOT_PRESENT, List.of()));

        Answer.Failed refused = assertInstanceOf(Answer.Failed.class, answer);
        assertEquals("InvalidImageName", refused.reason());
        assertEquals(
                List.of("Failed: Error: InvalidImageName", "InspectFailed: " + refused.message()),
                store.list(GroupResource.core("events"), "").items().stream()
                        .map(event -> event.tree().path("reason").asText() + ": "
                                + event.tree().path("message").asText())
                        .sorted()
                        .toList());
    }

    @Test
    void the_pauses_double_and_the_registry_may_ask_for_longer_ones() {
        images.fails(Reason.UNREACHABLE, Optional.empty());
        images.fails(Reason.UNREACHABLE, Optional.empty());
        images.fails(Reason.RATE_LIMITED, Optional.of(Duration.ofMinutes(20)));
        ask(PullPolicy.IF_NOT_PRESENT);

        pass(Duration.ofSeconds(10));
        ask(PullPolicy.IF_NOT_PRESENT);
        assertEquals(now.plusSeconds(20), failed().retryAt());
        pass(Duration.ofSeconds(20));
        ask(PullPolicy.IF_NOT_PRESENT);

        assertEquals(now.plus(Duration.ofMinutes(20)), failed().retryAt());
        assertEquals(3, images.pulls.size());
    }

    @Test
    void a_clock_that_is_set_back_makes_no_pause_longer() {
        images.fails(Reason.UNREACHABLE, Optional.empty());
        images.brings(PlayedImages.image("one"));
        ask(PullPolicy.IF_NOT_PRESENT);

        now = now.minus(Duration.ofHours(1));
        pass(Duration.ofSeconds(10));
        ask(PullPolicy.IF_NOT_PRESENT);

        assertEquals(2, images.pulls.size());
    }

    @Test
    void what_comes_after_a_failure_is_present() {
        images.fails(Reason.NOT_FOUND, Optional.empty());
        images.brings(PlayedImages.image("one"));
        ask(PullPolicy.ALWAYS);
        pass(Duration.ofSeconds(10));

        ask(PullPolicy.ALWAYS);

        assertEquals(
                PlayedImages.image("one").digest(),
                assertInstanceOf(Answer.Present.class, ask(PullPolicy.ALWAYS))
                        .image()
                        .digest());
        assertEquals(2, images.pulls.size());
    }

    @Test
    void an_image_that_is_gone_is_asked_for_again() {
        images.brings(PlayedImages.image("one"));
        ask(PullPolicy.ALWAYS);
        assertInstanceOf(Answer.Present.class, ask(PullPolicy.ALWAYS));
        images.removeUnless(PlayedImages.image("one").digest(), image -> false);
        images.brings(PlayedImages.image("two"));

        assertInstanceOf(Answer.Pulling.class, ask(PullPolicy.ALWAYS));

        assertEquals(
                PlayedImages.image("two").digest(),
                assertInstanceOf(Answer.Present.class, ask(PullPolicy.ALWAYS))
                        .image()
                        .digest());
    }

    @Test
    void an_image_that_goes_while_it_is_promised_is_pulled() {
        LocalImage image =
                PlayedImages.image("one", ImageObjects.parse("acme/web:1").orElseThrow());
        images.add(image);
        images.looked = () -> images.removeUnless(image.digest(), each -> false);
        images.brings(image);

        assertInstanceOf(Answer.Pulling.class, ask(PullPolicy.IF_NOT_PRESENT));

        assertEquals(1, images.pulls.size());
        assertInstanceOf(Answer.Present.class, ask(PullPolicy.IF_NOT_PRESENT));
    }

    @Test
    void a_forgotten_pod_starts_anew() {
        images.fails(Reason.NOT_FOUND, Optional.empty());
        images.brings(PlayedImages.image("one"));
        ask(PullPolicy.IF_NOT_PRESENT);
        desk.forget("uid");
        touched.clear();

        pass(Duration.ofMinutes(1));
        assertEquals(List.of(), touched, "nobody waits any more");

        assertInstanceOf(Answer.Pulling.class, ask(PullPolicy.IF_NOT_PRESENT));
        assertInstanceOf(Answer.Present.class, ask(PullPolicy.IF_NOT_PRESENT));
    }

    @Test
    void an_image_that_appears_under_the_name_ends_the_back_off() throws Exception {
        images.fails(Reason.NOT_FOUND, Optional.empty());
        ask(PullPolicy.IF_NOT_PRESENT);
        touched.clear();
        Reference name = Reference.parse("acme/web:1");
        images.add(PlayedImages.image("one", name));

        desk.changed(name);

        assertEquals(List.of(POD), touched);
        assertInstanceOf(Answer.Present.class, ask(PullPolicy.IF_NOT_PRESENT));
        assertEquals(1, images.pulls.size());
    }
}
