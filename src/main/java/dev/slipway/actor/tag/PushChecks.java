package dev.slipway.actor.tag;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Looks now and then whether places still point at what Tags have pushed there, aside and with at most one question
/// at a time for each place. Kept in memory: after a start of the engine every place is looked at. Safe for use by many
/// threads.
///
/// A place that turns out to point elsewhere each time is looked at less and less often: two owners of one name do not
/// fight at full speed.
public final class PushChecks implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PushChecks.class);

    /// As long as controllers take at most to look at everything again.
    private static final Duration INTERVAL = Duration.ofMinutes(10);
    private static final int MOST_DOUBLINGS = 6;

    /// Tells what a name points at in its registry.
    public interface Registry {
        /// @return empty if the registry does not know the name
        Optional<Digest> find(Reference name) throws IOException;
    }

    /// What a Tag is pushed to.
    public record Place(ObjectKey tag, Reference name) {}

    /// What is known of a place.
    public sealed interface Seen {
        /// It points at what was pushed, as far as anybody knows.
        ///
        /// @param doubt why it could not be looked at; empty if it could, or if nobody has looked yet
        record Kept(String doubt) implements Seen {}

        /// Somebody else has pushed there, or has deleted the name.
        ///
        /// @param now what it points at; empty if nothing
        record Lost(Optional<Digest> now) implements Seen {}
    }

    private final Registry registry;
    private final Schedule schedule;
    private final Consumer<ObjectKey> touched;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Place, State> states = new HashMap<>();

    /// @param touched called with the key of a Tag of which a place was looked at
    public PushChecks(Registry registry, Schedule schedule, Consumer<ObjectKey> touched) {
        this.registry = registry;
        this.schedule = schedule;
        this.touched = touched;
    }

    /// @param pushed what the place shall point at
    /// @param at when that was known last; null before
    /// @param losses one after the other
    /// @param running null while nobody asks
    private record State(
            Digest pushed,
            @Nullable Instant at,
            Seen seen,
            int losses,
            @Nullable FutureTask<?> running) {
        private static final Seen.Kept KEPT = new Seen.Kept("");

        /// Until the next look.
        Pause pause() {
            return at == null
                    ? new Pause(Instant.EPOCH, Instant.EPOCH)
                    : Pause.of(at, INTERVAL.multipliedBy(1L << Math.min(losses, MOST_DOUBLINGS)));
        }

        State asking(FutureTask<?> task) {
            return new State(pushed, at, seen, losses, task);
        }

        State answered(Seen answer, Instant now) {
            int lost =
                    switch (answer) {
                        case Seen.Lost gone -> losses + 1;
                        case Seen.Kept kept -> kept.doubt().isEmpty() ? 0 : losses;
                    };
            return new State(pushed, now, answer, lost, null);
        }
    }

    /// What is known of a place that was pushed to; looks again if it is time.
    public Seen look(Place place, Digest pushed) {
        lock.lock();
        try {
            State state = states.get(place);
            if (state == null || !state.pushed().equals(pushed)) {
                end(state);
                state = new State(pushed, null, State.KEPT, 0, null);
            }
            if (state.running() == null && state.pause().isOver(schedule.clock().instant())) {
                FutureTask<?> task = new FutureTask<>(() -> ask(place, pushed), null);
                state = state.asking(task);
                schedule.workers().execute(task);
            }
            states.put(place, state);
            return state.seen();
        } finally {
            lock.unlock();
        }
    }

    /// When it is time to look again; empty while somebody looks.
    public Optional<Instant> next(Place place) {
        lock.lock();
        try {
            return Optional.ofNullable(states.get(place))
                    .filter(state -> state.running() == null)
                    .map(state -> state.pause().end());
        } finally {
            lock.unlock();
        }
    }

    /// The place points at `digest` since a moment ago.
    public void pushed(Place place, Digest digest) {
        lock.lock();
        try {
            State before = states.get(place);
            end(before);
            int losses = before == null ? 0 : before.losses();
            states.put(place, new State(digest, schedule.clock().instant(), State.KEPT, losses, null));
        } finally {
            lock.unlock();
        }
    }

    /// The root of a look's thread.
    private void ask(Place place, Digest pushed) {
        Seen seen;
        try {
            Optional<Digest> now = registry.find(place.name());
            seen = now.equals(Optional.of(pushed)) ? State.KEPT : new Seen.Lost(now);
        } catch (IOException e) {
            seen = new Seen.Kept(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            LOG.errorf(
                    e, "pushed tag not looked at tag=%s place=%s", place.tag().name(), place.name());
            seen = new Seen.Kept("internal error, which the log of the engine tells");
        }
        note(place, pushed, seen);
        touched.accept(place.tag());
    }

    private void note(Place place, Digest pushed, Seen seen) {
        lock.lock();
        try {
            states.computeIfPresent(
                    place,
                    (same, state) -> state.running() != null && state.pushed().equals(pushed)
                            ? state.answered(seen, schedule.clock().instant())
                            : state);
        } finally {
            lock.unlock();
        }
    }

    /// Forgets places of the Tag, but for `kept`.
    public void retain(ObjectKey tag, Set<Reference> kept) {
        lock.lock();
        try {
            for (Place place : new HashSet<>(states.keySet())) {
                if (place.tag().equals(tag) && !kept.contains(place.name())) {
                    end(states.remove(place));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private static void end(@Nullable State state) {
        FutureTask<?> running = state == null ? null : state.running();
        if (running != null) {
            running.cancel(true);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            states.values().forEach(PushChecks::end);
            states.clear();
        } finally {
            lock.unlock();
        }
    }
}
