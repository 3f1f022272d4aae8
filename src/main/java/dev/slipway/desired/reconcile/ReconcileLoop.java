package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// Runs one [Reconciler]: each key that was touched gets a round, each key has at most one worker, and any number of
/// touches during a round make one more round after it.
///
/// ```
/// touch(a)  touch(a) touch(a)          Again(5 s)
///    |----- round -----|----- round -----|          5 s          |-- round --|
/// touch(b)
///    |-- round --| settled: nothing is remembered of b
/// ```
///
/// A round that throws is logged and repeated with back-off, as one that is [Result.Waiting] is; the back-off of a key
/// starts anew after a round that settled. Rounds run on the given executor (virtual threads), a key that fails often
/// holds up nobody. Thread-safe.
public final class ReconcileLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReconcileLoop.class);

    private static final Result FAILED = new Result.Waiting("InternalError", Duration.ZERO);

    private final String name;
    private final Reconciler reconciler;
    private final Executor workers;
    private final Delays delays;
    private final Backoff backoff;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Set<ObjectKey> running = new HashSet<>();
    private final Set<ObjectKey> touchedWhileRunning = new HashSet<>();
    private final Map<ObjectKey, Integer> failures = new HashMap<>();
    private final Map<ObjectKey, Delays.Cancellation> due = new HashMap<>();
    private boolean closed;

    /// @param name for the log
    public ReconcileLoop(String name, Reconciler reconciler, Executor workers, Delays delays, Backoff backoff) {
        this.name = name;
        this.reconciler = reconciler;
        this.workers = workers;
        this.delays = delays;
        this.backoff = backoff;
    }

    /// Starts a round for `key`, now or when its current round has ended.
    public void touch(ObjectKey key) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            cancelDelay(key);
            if (running.add(key)) {
                begin(key);
            } else {
                touchedWhileRunning.add(key);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Called under the lock. A worker that cannot be had, for lack of memory or threads, is asked for again.
    private void begin(ObjectKey key) {
        try {
            workers.execute(() -> rounds(key));
        } catch (OutOfMemoryError e) {
            running.remove(key);
            LOG.errorf(e, "round not begun loop=%s key=%s", name, key);
            settle(key, FAILED, false);
        }
    }

    /// Starts no more rounds, and waits until those that run have ended.
    ///
    /// @return false if some still ran after `limit`
    public boolean stop(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            closed = true;
            due.values().forEach(Delays.Cancellation::cancel);
            due.clear();
            touchedWhileRunning.clear();
            while (!running.isEmpty() && left > 0) {
                left = idle.awaitNanos(left);
            }
            return running.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        try {
            if (!stop(Duration.ofSeconds(5))) {
                LOG.warnf("rounds still run at stop loop=%s", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void rounds(ObjectKey key) {
        boolean more = true;
        while (more) {
            Result result = round(key);
            lock.lock();
            try {
                more = touchedWhileRunning.remove(key);
                settle(key, result, more);
            } finally {
                if (!more) {
                    running.remove(key);
                    idle.signalAll();
                }
                lock.unlock();
            }
        }
    }

    private Result round(ObjectKey key) {
        try {
            return reconciler.reconcile(key);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Result.SETTLED;
        } catch (RuntimeException | Error e) {
            // The root of this thread: a bug in one kind, or one object that is too large, must not leave a key for
            // ever in the hands of a worker that is gone.
            LOG.errorf(e, "round failed loop=%s key=%s", name, key);
            return FAILED;
        }
    }

    /// Called under the lock when a round has ended.
    private void settle(ObjectKey key, Result result, boolean more) {
        switch (result) {
            case Result.Settled settled -> failures.remove(key);
            case Result.Stalled stalled -> failures.remove(key);
            case Result.Again again -> {
                failures.remove(key);
                later(key, again.after(), more);
            }
            case Result.Waiting waiting -> {
                int count = failures.merge(key, 1, Integer::sum);
                Duration pause = backoff.after(count);
                later(key, waiting.after().compareTo(pause) > 0 ? waiting.after() : pause, more);
            }
        }
    }

    private void later(ObjectKey key, Duration after, boolean more) {
        if (!more && !closed) {
            cancelDelay(key);
            due.put(key, delays.after(after, () -> touch(key)));
        }
    }

    private void cancelDelay(ObjectKey key) {
        Delays.Cancellation cancellation = due.remove(key);
        if (cancellation != null) {
            cancellation.cancel();
        }
    }
}
