package dev.slipway.desired.reconcile;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/// Tells of what happens often: at once the first time, and then no more than once in a while. What happens within that
/// while is told of at its end, so that nobody is left with what was true before the last. Thread-safe.
///
/// ```
/// happened          happened happened                    happened
///    |- told ------ pause ------- |- told ------ pause ----- |- told
/// ```
public final class Pace {
    private final Duration pause;
    private final Schedule schedule;
    private final Runnable told;
    private final ReentrantLock lock = new ReentrantLock();
    /// Whether a pause runs. Guarded by the lock, as is the next.
    private boolean isPausing;
    /// Whether something has happened since the pause began.
    private boolean isOwed;

    /// @param pause from one time to the next, at least
    /// @param told runs on the thread of what happens, or on one of the workers
    public Pace(Duration pause, Schedule schedule, Runnable told) {
        this.pause = pause;
        this.schedule = schedule;
        this.told = told;
    }

    /// It has happened.
    public void happened() {
        lock.lock();
        try {
            isOwed = true;
        } finally {
            lock.unlock();
        }
        tell(false);
    }

    /// @param isOver whether a pause has ended
    private void tell(boolean isOver) {
        lock.lock();
        try {
            isPausing &= !isOver;
            if (isPausing || !isOwed) {
                return;
            }
            // It is told later only when there is somebody who ends the pause.
            schedule.delays().after(pause, () -> schedule.workers().execute(() -> tell(true)));
            isPausing = true;
            isOwed = false;
        } finally {
            lock.unlock();
        }
        told.run();
    }
}
