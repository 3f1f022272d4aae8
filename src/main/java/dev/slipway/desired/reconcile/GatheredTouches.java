package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Touches that can wait a moment, because nobody waits for what they bring about: those of one key that come within
/// the moment are one. Thread-safe.
///
/// ```
/// touch(a)   touch(a)  touch(b)  touch(a)
///    |------- moment -------|- round of a
///                         |------- moment -------|- round of b
/// ```
public final class GatheredTouches {
    private final Duration moment;
    private final Delays delays;
    private final Consumer<ObjectKey> touched;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<ObjectKey> waiting = new HashSet<>();

    /// @param touched gives a key its round
    public GatheredTouches(Duration moment, Delays delays, Consumer<ObjectKey> touched) {
        this.moment = moment;
        this.delays = delays;
        this.touched = touched;
    }

    public void touch(ObjectKey key) {
        lock.lock();
        try {
            if (!waiting.contains(key)) {
                // A key waits only when there is somebody who ends that: for lack of memory there may be nobody.
                delays.after(moment, () -> begin(key));
                waiting.add(key);
            }
        } finally {
            lock.unlock();
        }
    }

    /// A touch from now on is of the next round.
    private void begin(ObjectKey key) {
        lock.lock();
        try {
            waiting.remove(key);
        } finally {
            lock.unlock();
        }
        touched.accept(key);
    }
}
