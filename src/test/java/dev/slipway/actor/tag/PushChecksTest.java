package dev.slipway.actor.tag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.actor.tag.PushChecks.Place;
import dev.slipway.actor.tag.PushChecks.Seen;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is known of places that Tags were pushed to, with a registry played by hand.
class PushChecksTest {
    private static final ObjectKey TAG = new ObjectKey(new GroupResource("slipway.dev", "tags"), "", "web");
    private static final Digest OURS = Digest.sha256(new byte[] {1});
    private static final Digest THEIRS = Digest.sha256(new byte[] {2});
    private static final Seen KEPT = new Seen.Kept("");

    private final List<Runnable> waiting = new ArrayList<>();
    private final List<ObjectKey> touched = new ArrayList<>();
    private Place place;
    private PushChecks checks;
    private Instant now = Instant.EPOCH;
    private Optional<Digest> there = Optional.of(OURS);
    private String failure = "";
    private int questions;

    @BeforeEach
    void open() throws Exception {
        place = new Place(TAG, Reference.parse("hub.lan/team/web:stable"));
        checks = new PushChecks(this::find, new Schedule(() -> now, new FakeDelays(), waiting::add), touched::add);
    }

    private Optional<Digest> find(Reference name) throws IOException {
        questions++;
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
        return there;
    }

    /// One round, the answer to a question that it asks, and what the next round is told.
    private Seen looked() {
        checks.look(place, OURS);
        List.copyOf(waiting).forEach(Runnable::run);
        waiting.clear();
        return checks.look(place, OURS);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private Duration untilNext() {
        return Duration.between(now, checks.next(place).orElseThrow());
    }

    @Test
    void a_place_is_asked_after_a_start_and_then_every_ten_minutes() {
        assertEquals(KEPT, looked());
        assertEquals(1, questions);

        pass(Duration.ofMinutes(9));
        looked();
        assertEquals(1, questions);
        pass(Duration.ofMinutes(1));
        looked();

        assertEquals(2, questions);
        assertEquals(List.of(TAG, TAG), touched);
    }

    @Test
    void what_was_pushed_a_moment_ago_is_not_asked_for() {
        checks.pushed(place, OURS);

        assertEquals(KEPT, looked());

        assertEquals(0, questions);
        assertEquals(Duration.ofMinutes(10), untilNext());
    }

    @Test
    void a_place_that_somebody_else_has_pushed_to_is_lost_until_it_is_pushed_again() {
        there = Optional.of(THEIRS);

        assertEquals(new Seen.Lost(Optional.of(THEIRS)), looked());

        checks.pushed(place, OURS);
        assertEquals(KEPT, checks.look(place, OURS));
    }

    @Test
    void a_name_that_the_registry_does_not_know_any_more_is_lost() {
        there = Optional.empty();

        assertEquals(new Seen.Lost(Optional.empty()), looked());
    }

    @Test
    void two_owners_of_a_name_fight_ever_more_slowly_until_one_gives_up() {
        there = Optional.of(THEIRS);
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            looked();
            checks.pushed(place, OURS);
            pauses.add(untilNext().toMinutes());
            pass(untilNext());
        }
        assertEquals(List.of(20L, 40L, 80L, 160L, 320L, 640L, 640L, 640L), pauses);

        there = Optional.of(OURS);
        looked();

        assertEquals(Duration.ofMinutes(10), untilNext());
    }

    @Test
    void a_registry_that_does_not_answer_has_lost_nothing() {
        failure = "connection refused";

        assertEquals(new Seen.Kept("connection refused"), looked());

        assertEquals(Duration.ofMinutes(10), untilNext());
    }

    @Test
    void an_answer_about_what_was_pushed_before_does_not_count() {
        there = Optional.of(THEIRS);
        checks.look(place, OURS);

        checks.pushed(place, THEIRS);
        List.copyOf(waiting).forEach(Runnable::run);

        assertEquals(KEPT, checks.look(place, THEIRS));
    }

    @Test
    void a_place_that_is_pushed_to_no_more_is_forgotten() {
        checks.look(place, OURS);

        checks.retain(TAG, Set.of());
        List.copyOf(waiting).forEach(Runnable::run);

        assertEquals(0, questions);
        assertEquals(Optional.empty(), checks.next(place));
    }
}
