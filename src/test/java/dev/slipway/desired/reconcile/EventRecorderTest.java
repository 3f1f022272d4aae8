package dev.slipway.desired.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventRecorderTest {
    private static final Involved WEB = new Involved("v1", "Pod", "shop", "web", "uid-1", "");
    private static final EventSource SOURCE = new EventSource("slipway", "host-a");

    @TempDir
    private Path folder = Path.of("");

    private final FakeDelays delays = new FakeDelays();
    private final Deque<Runnable> aside = new ArrayDeque<>();
    private Instant now = Instant.parse("2026-01-31T08:00:00Z");
    private ObjectStore store;
    private EventRecorder recorder;

    @BeforeEach
    void open() throws IOException {
        store = SqliteObjectStore.open(folder);
        recorder = recorder();
    }

    @AfterEach
    void close() throws IOException {
        recorder.close();
        store.close();
    }

    @Test
    void an_event_is_written_aside_as_kubernetes_writes_it() {
        recorder.warning(WEB.at("spec.containers{app}"), Reason.FAILED_MOUNT, "no such volume");
        assertEquals(List.of(), events(), "recording itself does not write");
        runAside();

        ApiObject event = events().getFirst();
        assertTrue(event.name().matches("web\\.[0-9a-f]{16}"), event.name());
        assertEquals("shop", event.namespace());
        assertEquals("Warning", event.tree().path("type").asText());
        assertEquals("FailedMount", event.tree().path("reason").asText());
        assertEquals("no such volume", event.tree().path("message").asText());
        assertEquals(1, event.tree().path("count").asInt());
        assertEquals("2026-01-31T08:00:00Z", event.tree().path("firstTimestamp").asText());
        assertEquals("slipway", event.tree().path("source").path("component").asText());
        assertEquals("host-a", event.tree().path("source").path("host").asText());
        assertEquals(
                "spec.containers{app}",
                event.tree().path("involvedObject").path("fieldPath").asText());
        assertEquals("uid-1", event.tree().path("involvedObject").path("uid").asText());
    }

    @Test
    void what_is_seen_again_is_counted_also_after_a_restart() {
        recorder.normal(WEB, Reason.PULLED, "image is present");
        runAside();
        recorder.close();
        recorder = recorder();
        now = now.plusSeconds(60);
        recorder.normal(WEB, Reason.PULLED, "image is present");
        recorder.normal(WEB, Reason.STARTED, "started container app");
        runAside();

        ApiObject pulled = byReason("Pulled");
        assertEquals(2, events().size());
        assertEquals(2, pulled.tree().path("count").asInt());
        assertEquals(
                "2026-01-31T08:00:00Z", pulled.tree().path("firstTimestamp").asText());
        assertEquals("2026-01-31T08:01:00Z", pulled.tree().path("lastTimestamp").asText());
    }

    @Test
    void a_flapping_object_causes_25_events_and_then_one_in_five_minutes() {
        for (int i = 0; i < 40; i++) {
            recorder.normal(WEB.at("spec.containers{" + i + "}"), Reason.BACK_OFF, "attempt " + i);
        }
        recorder.normal(new Involved("v1", "Pod", "shop", "calm", "uid-2", ""), Reason.STARTED, "started");
        runAside();
        assertEquals(26, events().size());

        now = now.plus(Duration.ofMinutes(11));
        for (int i = 50; i < 60; i++) {
            recorder.normal(WEB, Reason.BACK_OFF, "attempt " + i);
        }
        runAside();

        assertEquals(28, events().size());
    }

    @Test
    void a_clock_that_is_set_back_silences_no_object_for_longer() {
        for (int i = 0; i < 40; i++) {
            recorder.normal(WEB.at("spec.containers{" + i + "}"), Reason.BACK_OFF, "attempt " + i);
        }
        now = now.minus(Duration.ofDays(1));
        recorder.normal(WEB, Reason.BACK_OFF, "attempt 40");
        runAside();
        assertEquals(25, events().size());

        now = now.plus(Duration.ofMinutes(5));
        recorder.normal(WEB, Reason.BACK_OFF, "attempt 41");
        runAside();

        assertEquals(26, events().size());
    }

    @Test
    void an_event_is_deleted_an_hour_after_it_was_last_seen() {
        recorder.normal(WEB, Reason.PULLED, "early");
        runAside();
        pass(Duration.ofMinutes(50));
        recorder.normal(WEB, Reason.STARTED, "late");
        runAside();

        pass(Duration.ofMinutes(10));
        assertEquals(List.of("Started"), reasons());

        pass(Duration.ofMinutes(50));
        assertEquals(List.of(), reasons());
        assertEquals(0, delays.waiting(), "nothing is due while there are no events");
    }

    @Test
    void events_of_an_earlier_run_end_in_time() {
        recorder.normal(WEB, Reason.PULLED, "early");
        runAside();
        recorder.close();
        recorder = recorder();

        recorder.start();
        pass(Duration.ofMinutes(59));
        assertEquals(1, events().size());
        pass(Duration.ofMinutes(1));

        assertEquals(0, events().size());
    }

    @Test
    void of_too_many_events_the_oldest_go() {
        recorder.close();
        recorder = new EventRecorder(store, SOURCE, new Schedule(() -> now, delays, aside::add), 100);
        for (int i = 0; i < 350; i++) {
            now = now.plusSeconds(1);
            recorder.normal(new Involved("v1", "Pod", "shop", "job-" + i, "uid-" + i, ""), Reason.STARTED, "run " + i);
            runAside();
            assertTrue(events().size() <= 101, "after " + i + ": " + events().size());
        }

        List<String> messages = events().stream()
                .map(event -> event.tree().path("message").asText())
                .toList();
        assertTrue(messages.contains("run 349"), messages.toString());
        assertTrue(messages.contains("run 270"), "some are kept: " + messages);
        assertEquals(1, delays.waiting(), "the life of those that are left ends in time");
    }

    @Test
    void an_event_about_a_cluster_scoped_object_lies_in_default() {
        recorder.normal(
                new Involved("slipway.dev/v1alpha1", "Image", "", "i".repeat(253), "u", ""), Reason.BUILT, "done");
        runAside();

        ApiObject event = events().getFirst();
        assertEquals("default", event.namespace());
        assertTrue(event.name().length() <= 253, event.name());
    }

    private EventRecorder recorder() {
        return new EventRecorder(store, SOURCE, new Schedule(() -> now, delays, aside::add));
    }

    private void pass(Duration time) {
        now = now.plus(time);
        delays.advance(time);
        runAside();
    }

    private void runAside() {
        while (!aside.isEmpty()) {
            aside.remove().run();
        }
    }

    private List<ApiObject> events() {
        return store.list(GroupResource.core("events"), "").items();
    }

    private List<String> reasons() {
        return events().stream()
                .map(event -> event.tree().path("reason").asText())
                .toList();
    }

    private ApiObject byReason(String reason) {
        return events().stream()
                .filter(event -> event.tree().path("reason").asText().equals(reason))
                .findFirst()
                .orElseThrow();
    }
}
