package dev.slipway.actor.tag;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PushOutcome;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Keyring;
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

/// The pushes of Tags, aside and at most one at a time for each Tag and each place. What was pushed is kept by the
/// Tag's status; what failed, in memory. Safe for use by many threads.
public final class TagPushes implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TagPushes.class);

    private final ImagePusher pusher;
    private final Schedule schedule;
    private final Backoff backoff;
    private final Consumer<ObjectKey> touched;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Job, State> states = new HashMap<>();

    /// @param touched called with the key of a Tag of which a push has gone on or ended
    public TagPushes(ImagePusher pusher, Schedule schedule, Backoff backoff, Consumer<ObjectKey> touched) {
        this.pusher = pusher;
        this.schedule = schedule;
        this.backoff = backoff;
        this.touched = touched;
    }

    /// What is pushed where.
    public record Job(ObjectKey tag, Digest image, ImagePusher.Origin origin, Reference place) {}

    /// How a push is going.
    public sealed interface State {
        record Running(FutureTask<?> task, PushMeter meter) implements State {}

        /// @param digest what the place points at now
        /// @param remark what people should know; may be empty
        record Done(Digest digest, Instant at, String remark) implements State {}

        record Failed(String message, int failures, Pause pause) implements State {}
    }

    /// How it is going; begins it, or tries it again if it is time.
    public State advance(Job job, LocalImage image) {
        lock.lock();
        try {
            State state = states.get(job);
            boolean isDue = state == null
                    || state instanceof State.Failed failed
                            && failed.pause().isOver(schedule.clock().instant());
            if (state != null && !isDue) {
                return state;
            }
            int failures = state instanceof State.Failed failed ? failed.failures() : 0;
            PushMeter meter = new PushMeter(() -> touched.accept(job.tag()), schedule);
            FutureTask<?> task = new FutureTask<>(() -> run(job, image, failures, meter), null);
            State.Running running = new State.Running(task, meter);
            states.put(job, running);
            schedule.workers().execute(task);
            return running;
        } finally {
            lock.unlock();
        }
    }

    /// The place has the image by the word of a status; others of that registry can get its blobs from there.
    public void known(Reference place, LocalImage image) {
        pusher.noteAt(place.repository(), image);
    }

    /// The root of a push's thread.
    private void run(Job job, LocalImage image, int failures, PushMeter meter) {
        try {
            note(job, state(pushed(job, image, meter), failures));
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "push failed tag=%s place=%s", job.tag().name(), job.place());
            note(job, failed("internal error, which the log of the engine tells", failures, Optional.empty()));
        } finally {
            touched.accept(job.tag());
        }
    }

    private PushOutcome pushed(Job job, LocalImage image, PushMeter meter) {
        return pusher.push(new ImagePusher.Order(image, job.origin(), job.place(), Keyring.EMPTY), meter);
    }

    private State state(PushOutcome outcome, int failures) {
        return switch (outcome) {
            case PushOutcome.Pushed pushed ->
                new State.Done(pushed.digest(), schedule.clock().instant(), pushed.remark());
            case PushOutcome.Failed failed -> failed(failed.message(), failures, failed.retryAfter());
        };
    }

    private State failed(String message, int failures, Optional<Duration> asked) {
        Duration wait = backoff.after(failures + 1);
        Duration longer = asked.filter(each -> each.compareTo(wait) > 0).orElse(wait);
        return new State.Failed(message, failures + 1, Pause.of(schedule.clock().instant(), longer));
    }

    private void note(Job job, State end) {
        lock.lock();
        try {
            states.computeIfPresent(job, (same, state) -> end);
        } finally {
            lock.unlock();
        }
    }

    /// The registry of that host is reached otherwise now: what failed there is tried again at once.
    public void changed(String host) {
        Set<ObjectKey> tags = new HashSet<>();
        lock.lock();
        try {
            states.entrySet().removeIf(entry -> {
                Job job = entry.getKey();
                boolean hasFailed = entry.getValue() instanceof State.Failed
                        && job.place().repository().host().equals(host);
                if (hasFailed) {
                    tags.add(job.tag());
                }
                return hasFailed;
            });
        } finally {
            lock.unlock();
        }
        tags.forEach(touched);
    }

    /// What was pushed is not there any more: the next [#advance] pushes it anew.
    void again(Job job) {
        lock.lock();
        try {
            states.remove(job);
        } finally {
            lock.unlock();
        }
    }

    /// Forgets pushes of the Tag, but for those that `kept` says are still wanted; ends the others.
    public void retain(ObjectKey tag, Set<Job> kept) {
        lock.lock();
        try {
            states.entrySet().removeIf(entry -> {
                boolean gone = entry.getKey().tag().equals(tag) && !kept.contains(entry.getKey());
                if (gone && entry.getValue() instanceof State.Running running) {
                    running.task().cancel(true);
                }
                return gone;
            });
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            states.values().forEach(state -> {
                if (state instanceof State.Running running) {
                    running.task().cancel(true);
                }
            });
            states.clear();
        } finally {
            lock.unlock();
        }
    }
}
