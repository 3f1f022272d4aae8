package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.probe.Probe.Kind;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProberTest {
    private static final Instant BEGIN = Instant.parse("2026-01-31T08:00:00Z");
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final PodUid POD = new PodUid("u-1");

    @TempDir
    private Path folder = Path.of("");

    private final FakeDelays delays = new FakeDelays();
    private final FakeChecker checker = new FakeChecker();
    private final Deque<Runnable> workers = new ArrayDeque<>();
    private final List<PodUid> changed = new ArrayList<>();
    private ObjectStore store;
    private EventRecorder recorder;
    private Prober prober;

    @BeforeEach
    void open() throws IOException {
        store = SqliteObjectStore.open(folder);
        Schedule schedule = new Schedule(() -> BEGIN, delays, workers::add);
        recorder = new EventRecorder(store, new EventSource("slipway", "host-a"), schedule);
        prober = new Prober(checker, recorder, schedule, new Random(1));
        prober.listen(changed::add);
    }

    @AfterEach
    void close() throws IOException {
        prober.close();
        recorder.close();
        store.close();
    }

    @Test
    void a_probe_that_waits_is_an_entry_of_the_timer_and_nothing_else() {
        for (int i = 0; i < 5000; i++) {
            prober.watch(new PodUid("u-" + i), List.of(subject("main", false, Optional.empty())));
        }

        assertEquals(5000, delays.waiting());
        assertTrue(workers.isEmpty());
        delays.advance(Duration.ZERO);
        assertEquals(5000, workers.size());
        work();
        assertEquals(5000, checker.asked().size());
        assertEquals(5000, delays.waiting());
        prober.close();
        assertEquals(0, delays.waiting());
    }

    @Test
    void looking_again_arms_nothing_twice() {
        Subject subject = subject("main", false, Optional.empty());
        prober.watch(POD, List.of(subject));
        prober.watch(POD, List.of(subject));
        delays.advance(Duration.ZERO);
        work();
        prober.watch(POD, List.of(subject));

        assertEquals(1, delays.waiting());
        assertEquals(1, checker.asked().size());
        assertEquals(List.of(POD), changed);
    }

    @Test
    void a_check_that_outlasts_its_period_is_followed_at_once_and_never_doubled() {
        prober.watch(POD, List.of(subject("main", false, Optional.empty())));
        delays.advance(Duration.ZERO);
        checker.behave("main", () -> {
            checker.behave("main", () -> {});
            delays.advance(PERIOD);
            workers.removeFirst().run();
        });

        work();
        assertEquals(1, checker.asked().size());
        delays.advance(Duration.ZERO);
        work();

        assertEquals(2, checker.asked().size());
        assertEquals(1, delays.waiting());
    }

    @Test
    void what_was_asked_when_it_froze_counts_for_nothing() {
        prober.watch(POD, List.of(subject("main", false, Optional.empty())));
        delays.advance(Duration.ZERO);
        checker.behave("main", () -> prober.suspend(POD, "main"));

        work();

        assertFalse(prober.health(POD).get("main-0").ready());
        assertEquals(List.of(), changed);
        assertEquals(0, delays.waiting());
        checker.behave("main", () -> {});
        prober.watch(POD, List.of(subject("main", true, Optional.empty())));
        assertEquals(0, delays.waiting());
        prober.watch(POD, List.of(subject("main", false, Optional.empty())));
        assertEquals(1, delays.waiting());
        delays.advance(PERIOD);
        work();
        assertTrue(prober.health(POD).get("main-0").ready());
    }

    @Test
    void an_answer_about_a_run_that_has_ended_is_thrown_away() {
        prober.watch(POD, List.of(subject("main", false, Optional.empty())));
        delays.advance(Duration.ZERO);
        checker.behave("main", () -> prober.watch(POD, List.of()));

        work();

        assertEquals(List.of(), changed);
        assertEquals(0, delays.waiting());
        assertTrue(prober.health(POD).isEmpty());
    }

    @Test
    void first_checks_after_a_restart_of_the_engine_are_spread() {
        for (int i = 0; i < 100; i++) {
            prober.watch(
                    new PodUid("u-" + i),
                    List.of(subject("main", false, Optional.of(new Subject.Earlier(true, true)))));
        }

        delays.advance(PERIOD.dividedBy(2));

        assertTrue(workers.size() > 20 && workers.size() < 80, workers.size() + " of 100 in half the period");
        assertTrue(prober.health(new PodUid("u-7")).get("main-0").ready());
    }

    @Test
    void a_clock_that_was_set_back_since_it_began_makes_no_first_question_later() {
        Subject usual = subject("a", false, Optional.empty());
        Instant tomorrow = BEGIN.plus(Duration.ofDays(1));
        prober.watch(
                POD,
                List.of(new Subject(
                        usual.container(),
                        usual.id(),
                        tomorrow,
                        usual.about(),
                        usual.probes(),
                        usual.postStart(),
                        usual.address(),
                        false,
                        false,
                        usual.earlier())));

        delays.advance(Duration.ZERO);

        assertEquals(0, delays.waiting(), "it is asked at once");
    }

    private void work() {
        while (!workers.isEmpty()) {
            workers.removeFirst().run();
        }
    }

    private static Subject subject(String container, boolean isPaused, Optional<Subject.Earlier> earlier) {
        Probe probe = new Probe(
                Kind.READINESS,
                new Check.Exec(List.of(container)),
                Duration.ZERO,
                PERIOD,
                Duration.ofSeconds(1),
                1,
                3,
                Optional.empty());
        return new Subject(
                new ContainerName(POD, container),
                container + "-0",
                earlier.isPresent() ? BEGIN.minusSeconds(3600) : BEGIN,
                new Involved("v1", "Pod", "default", "web", "u-1", ""),
                List.of(probe),
                Optional.empty(),
                "10.88.0.2",
                isPaused,
                false,
                earlier);
    }
}
