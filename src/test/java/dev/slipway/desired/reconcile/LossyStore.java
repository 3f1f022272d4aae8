package dev.slipway.desired.reconcile;

import dev.slipway.desired.store.ExpiredException;
import dev.slipway.desired.store.ForwardingStore;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.Watch;
import dev.slipway.desired.store.WatchListener;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A store whose watch a test can make deaf and end, as a real one does when its listener is too slow. Thread-safe.
final class LossyStore extends ForwardingStore {
    private final AtomicInteger watches = new AtomicInteger();
    private final AtomicInteger expirations = new AtomicInteger();
    private volatile @Nullable Watch watch;
    private volatile @Nullable WatchListener listener;

    LossyStore(ObjectStore store) {
        super(store);
    }

    /// The next `times` watches are refused, as from a version that has been compacted away.
    void refuse(int times) {
        expirations.set(times);
    }

    /// From now on nothing is heard, until [#end].
    void deafen() {
        Watch running = watch;
        if (running != null) {
            running.close();
        }
    }

    void end() {
        WatchListener heard = listener;
        if (heard != null) {
            heard.ended();
        }
    }

    /// How many watches were started.
    int watches() {
        return watches.get();
    }

    @Override
    public Watch watchAll(long from, WatchListener hearing) throws ExpiredException {
        if (expirations.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new ExpiredException(from, from + 1);
        }
        Watch started = super.watchAll(from, hearing);
        watch = started;
        listener = hearing;
        watches.incrementAndGet();
        return started;
    }
}
