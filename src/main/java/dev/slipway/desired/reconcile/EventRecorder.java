package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.store.AlreadyExistsException;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Tells people what happens to objects, as Kubernetes Events: what is seen again raises a count, one object causes at
/// most 25 events and then one in five minutes, and an event is deleted an hour after it was last seen, or sooner where
/// thousands of objects come and go within the hour: of more than 10,000 events the oldest go.
///
/// Recording never waits for the disk: events are written aside, in order, and are lost if the engine is killed
/// before. Nothing decides by events. Thread-safe.
public final class EventRecorder implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EventRecorder.class);
    private static final int LONGEST_QUEUE = 1024;
    private static final int TRIES = 5;
    private static final int MOST = 10_000;
    private static final Duration LIFE = Duration.ofHours(1);
    private static final Duration SWEEP_PAUSE = Duration.ofMinutes(1);

    private final ObjectStore store;
    private final EventSource source;
    private final Schedule schedule;
    private final int most;

    private final ReentrantLock lock = new ReentrantLock();
    private final EventBudget budget = new EventBudget();
    private final Deque<Observation> queue = new ArrayDeque<>();
    private boolean writing;
    private boolean closed;
    private Delays.@Nullable Cancellation sweep;
    /// Those that the last sweep left, and those written since.
    private int kept;

    public EventRecorder(ObjectStore store, EventSource source, Schedule schedule) {
        this(store, source, schedule, MOST);
    }

    /// @param most how many events may be there before the oldest go
    EventRecorder(ObjectStore store, EventSource source, Schedule schedule, int most) {
        this.store = store;
        this.source = source;
        this.schedule = schedule;
        this.most = most;
    }

    /// Sees to it that events of an earlier run end in time.
    public void start() {
        sweep();
    }

    /// Something happened as it should.
    public void normal(Involved about, Reason reason, String message) {
        record(about, "Normal", reason, message);
    }

    /// Something happened that people may have to look at.
    public void warning(Involved about, Reason reason, String message) {
        record(about, "Warning", reason, message);
    }

    /// Records no more; what is queued is still written.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (sweep != null) {
                sweep.cancel();
            }
        } finally {
            lock.unlock();
        }
    }

    private void record(Involved about, String type, Reason reason, String message) {
        Instant now = schedule.clock().instant();
        lock.lock();
        try {
            if (closed || queue.size() >= LONGEST_QUEUE || !budget.spend(about.whole(), now)) {
                return;
            }
            queue.add(new Observation(about, type, reason.toString(), message, now));
            if (!writing) {
                writing = true;
                schedule.workers().execute(this::writeQueued);
            }
            sweepAfter(LIFE);
        } finally {
            lock.unlock();
        }
    }

    private void writeQueued() {
        for (Observation next = next(); next != null; next = next()) {
            try {
                write(next);
            } catch (IOException e) {
                LOG.warnf("event lost object=%s reason=%s: %s", next.about().name(), next.reason(), e.getMessage());
            }
        }
    }

    private @Nullable Observation next() {
        lock.lock();
        try {
            Observation next = queue.poll();
            writing = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void write(Observation seen) throws IOException {
        ObjectKey key = seen.key();
        for (int i = 0; i < TRIES; i++) {
            Optional<ApiObject> stored = store.get(key);
            try {
                if (stored.isEmpty()) {
                    store.create(key, seen.first(source));
                    count();
                } else {
                    store.update(key, seen.again(stored.get()), stored.get().resourceVersion());
                }
                return;
            } catch (AlreadyExistsException | ConflictException e) {
                LOG.debugf("event changed meanwhile event=%s", key);
            }
        }
    }

    private void count() {
        lock.lock();
        try {
            kept++;
            if (kept > most) {
                kept = 0;
                schedule.workers().execute(this::sweep);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Deletes what is older than its life, and comes back when the next is. Of too many it leaves nine tenths, so that
    /// not each further event causes a sweep.
    private void sweep() {
        Instant now = schedule.clock().instant();
        List<Seen> seen = store.list(Observation.EVENTS, "").items().stream()
                .map(Seen::of)
                .sorted(Comparator.comparing(Seen::last))
                .toList();
        int excess = seen.size() > most ? seen.size() - (most - most / 10) : 0;
        int left = 0;
        Instant next = Instant.MAX;
        for (Seen event : seen) {
            Instant end = event.last().plus(LIFE);
            if (excess > 0 || !end.isAfter(now)) {
                excess--;
                delete(event);
            } else {
                left++;
                next = end.isBefore(next) ? end : next;
            }
        }
        comeBack(left, next.isBefore(Instant.MAX) ? Optional.of(Duration.between(now, next)) : Optional.empty());
    }

    private void comeBack(int left, Optional<Duration> after) {
        lock.lock();
        try {
            kept = left;
            if (sweep != null) {
                sweep.cancel();
                sweep = null;
            }
            after.ifPresent(delay -> sweepAfter(delay.compareTo(SWEEP_PAUSE) < 0 ? SWEEP_PAUSE : delay));
        } finally {
            lock.unlock();
        }
    }

    /// Called under the lock; does nothing when a sweep is due already.
    private void sweepAfter(Duration delay) {
        if (sweep == null && !closed) {
            sweep = schedule.delays().after(delay, () -> schedule.workers().execute(this::sweep));
        }
    }

    private void delete(Seen event) {
        try {
            store.delete(event.key(), event.version());
        } catch (ConflictException e) {
            LOG.debugf("event seen again while it was to be deleted event=%s", event.key());
        } catch (IOException e) {
            LOG.warnf("event stays event=%s: %s", event.key(), e.getMessage());
        }
    }

    /// An event that is there.
    ///
    /// @param last when it was last seen
    private record Seen(ObjectKey key, long version, Instant last) {
        static Seen of(ApiObject event) {
            return new Seen(
                    new ObjectKey(Observation.EVENTS, event.namespace(), event.name()),
                    event.resourceVersion(),
                    lastSeen(event));
        }
    }

    private static Instant lastSeen(ApiObject event) {
        for (String field : new String[] {"lastTimestamp", "eventTime"}) {
            Optional<Instant> time = time(event.tree().path(field).asText());
            if (time.isPresent()) {
                return time.get();
            }
        }
        return time(event.metadata().path("creationTimestamp").asText()).orElse(Instant.EPOCH);
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
