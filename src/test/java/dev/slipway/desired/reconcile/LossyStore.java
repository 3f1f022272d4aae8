package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.AlreadyExistsException;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ExpiredException;
import dev.slipway.desired.store.ObjectList;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.Watch;
import dev.slipway.desired.store.WatchListener;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A store whose watch a test can make deaf and end, as a real one does when its listener is too slow. Thread-safe.
final class LossyStore implements ObjectStore {
    private final ObjectStore store;
    private final AtomicInteger watches = new AtomicInteger();
    private final AtomicInteger expirations = new AtomicInteger();
    private volatile @Nullable Watch watch;
    private volatile @Nullable WatchListener listener;

    LossyStore(ObjectStore store) {
        this.store = store;
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
        Watch started = store.watchAll(from, hearing);
        watch = started;
        listener = hearing;
        watches.incrementAndGet();
        return started;
    }

    @Override
    public Watch watch(GroupResource resource, long from, WatchListener hearing) throws ExpiredException {
        return store.watch(resource, from, hearing);
    }

    @Override
    public Optional<ApiObject> get(ObjectKey key) {
        return store.get(key);
    }

    @Override
    public ObjectList list(GroupResource resource, String namespace) {
        return store.list(resource, namespace);
    }

    @Override
    public long resourceVersion() {
        return store.resourceVersion();
    }

    @Override
    public ApiObject create(ObjectKey key, ApiObject object) throws IOException, AlreadyExistsException {
        return store.create(key, object);
    }

    @Override
    public ApiObject update(ObjectKey key, ApiObject object, long expected) throws IOException, ConflictException {
        return store.update(key, object, expected);
    }

    @Override
    public ApiObject delete(ObjectKey key, long expected) throws IOException, ConflictException {
        return store.delete(key, expected);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
