package dev.slipway.actor.image;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The pulls and builds of Image objects, at most one at a time for each, and how the last one ended. Kept in memory:
/// after a start of the engine everything is looked at anew. Safe for use by many threads.
final class ImageErrands implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ImageErrands.class);

    private final Executor workers;
    private final Runnable begun;
    private final Consumer<ObjectKey> ended;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ObjectKey, Errand> errands = new HashMap<>();

    /// @param begun called when an errand begins to work
    /// @param ended called with the key of an Image whose errand has ended, and is remembered
    ImageErrands(Executor workers, Runnable begun, Consumer<ObjectKey> ended) {
        this.workers = workers;
        this.begun = begun;
        this.ended = ended;
    }

    /// What an errand was for; when it is another now, the result no longer counts.
    ///
    /// @param annotations of the object: whoever changes one has a build checked
    /// @param recipe what is built, or null
    record Purpose(
            String uid, long generation, Map<String, String> annotations, ImageView.Recipe.@Nullable Known recipe) {
        boolean isOfSameSpec(Purpose other) {
            return uid.equals(other.uid) && generation == other.generation;
        }

        /// The present images that it builds on.
        Collection<Digest> bases() {
            return recipe == null ? Set.of() : recipe.images().values();
        }
    }

    /// How an errand ended.
    sealed interface End {
        /// @param words for an event; empty if nothing happened that people want to know
        record Done(LocalImage image, String words) implements End {}

        /// @param pause what the other side asked for
        record Failed(String message, Duration pause) implements End {}

        /// What the round had found has gone since: another round looks again.
        record Outdated() implements End {}
    }

    /// What a build is doing.
    ///
    /// @param step counted from 1
    record Doing(int step, int steps, String words) {
        @Override
        public String toString() {
            return "building: step %d of %d: %s".formatted(step, steps, words);
        }
    }

    /// An errand that runs, or how the last one ended.
    sealed interface Errand {
        Purpose purpose();

        /// @param doing null while there is nothing to tell
        record Running(
                Purpose purpose,
                FutureTask<?> task,
                @Nullable Doing doing) implements Errand {}

        record Done(Purpose purpose, LocalImage image) implements Errand {}

        /// @param failures one after the other
        record Failed(Purpose purpose, String message, int failures, Pause pause) implements Errand {}
    }

    Optional<Errand> find(ObjectKey image) {
        lock.lock();
        try {
            return Optional.ofNullable(errands.get(image));
        } finally {
            lock.unlock();
        }
    }

    /// Starts an errand, in place of one for another purpose.
    ///
    /// @param note makes of the end what is remembered; called once, on the errand's thread
    void start(ObjectKey image, Purpose purpose, Supplier<End> work, Note note) {
        int failures = find(image)
                .filter(Errand.Failed.class::isInstance)
                .map(Errand.Failed.class::cast)
                .filter(failed -> failed.purpose().equals(purpose))
                .map(Errand.Failed::failures)
                .orElse(0);
        FutureTask<?> task = new FutureTask<>(() -> run(image, purpose, work, end -> note.of(end, failures)), null);
        lock.lock();
        try {
            Errand before = errands.put(image, new Errand.Running(purpose, task, null));
            if (before instanceof Errand.Running running) {
                running.task().cancel(true);
            }
        } finally {
            lock.unlock();
        }
        workers.execute(task);
    }

    /// Makes of an end what is remembered.
    @FunctionalInterface
    interface Note {
        /// @param failures one after the other, before this end
        Optional<Errand> of(End end, int failures);
    }

    private interface Ended {
        Optional<Errand> of(End end);
    }

    /// The root of an errand's thread.
    private void run(ObjectKey image, Purpose purpose, Supplier<End> work, Ended note) {
        begun.run();
        try {
            End end = work.get();
            if (isRunning(image, purpose)) {
                remember(image, purpose, note.of(end));
            }
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "errand failed image=%s", image.name());
            End.Failed bug = new End.Failed("internal error, which the log of the engine tells", Duration.ZERO);
            remember(image, purpose, note.of(bug));
        } finally {
            ended.accept(image);
        }
    }

    /// One that was cancelled, or whose Image has another purpose by now, does not count.
    private boolean isRunning(ObjectKey image, Purpose purpose) {
        return find(image).orElse(null) instanceof Errand.Running running
                && running.purpose().equals(purpose);
    }

    private void remember(ObjectKey image, Purpose purpose, Optional<Errand> end) {
        lock.lock();
        try {
            if (isRunning(image, purpose)) {
                end.ifPresentOrElse(known -> errands.put(image, known), () -> errands.remove(image));
            }
        } finally {
            lock.unlock();
        }
    }

    /// What errands have made and their objects may not show yet, and what those that run build on.
    Set<Digest> claimed() {
        Set<Digest> claimed = new HashSet<>();
        lock.lock();
        try {
            for (Errand errand : errands.values()) {
                switch (errand) {
                    case Errand.Done done -> claimed.add(done.image().digest());
                    case Errand.Running running ->
                        claimed.addAll(running.purpose().bases());
                    case Errand.Failed failed -> {}
                }
            }
        } finally {
            lock.unlock();
        }
        return claimed;
    }

    /// Says what a running errand is doing; false if it runs no more.
    boolean progress(ObjectKey image, Purpose purpose, Doing doing) {
        lock.lock();
        try {
            if (errands.get(image) instanceof Errand.Running running
                    && running.purpose().equals(purpose)) {
                errands.put(image, new Errand.Running(purpose, running.task(), doing));
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Lets a failed errand be tried again at once.
    ///
    /// @return whether there was one
    boolean forgive(ObjectKey image) {
        lock.lock();
        try {
            return errands.get(image) instanceof Errand.Failed && errands.remove(image) != null;
        } finally {
            lock.unlock();
        }
    }

    /// Ends what runs for an Image, and forgets it.
    void forget(ObjectKey image) {
        Errand gone;
        lock.lock();
        try {
            gone = errands.remove(image);
        } finally {
            lock.unlock();
        }
        if (gone instanceof Errand.Running running) {
            running.task().cancel(true);
        }
    }

    @Override
    public void close() {
        Map<ObjectKey, Errand> all;
        lock.lock();
        try {
            all = Map.copyOf(errands);
        } finally {
            lock.unlock();
        }
        all.keySet().forEach(this::forget);
    }
}
