package dev.slipway.door.progress;

import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ExpiredException;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.StoreEvent;
import dev.slipway.desired.store.Watch;
import dev.slipway.desired.store.WatchListener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The objects of this engine's own store. Used by one thread; the store tells of changes on its own.
public final class StoreFeed implements ObjectFeed {
    /// Writes come in bursts; one look is enough for all of a burst.
    private static final Duration BURST = Duration.ofMillis(30);

    private final ObjectStore store;
    private final Kinds kinds;
    private final BlockingQueue<News> news = new ArrayBlockingQueue<>(1);
    private @Nullable Watch watch;

    public StoreFeed(ObjectStore store, Kinds kinds) {
        this.store = store;
        this.kinds = kinds;
    }

    /// That something happened; what it was is read from the store.
    private enum News {
        CHANGE
    }

    @Override
    public Kinds kinds() {
        return kinds;
    }

    @Override
    public Optional<ApiObject> find(ObjectKey key) {
        return store.get(key);
    }

    @Override
    public List<ApiObject> list(GroupResource resource) {
        return store.list(resource, "").items();
    }

    @Override
    public void awaitChange(Duration limit) throws InterruptedException {
        if (watch == null) {
            watch = listen();
            return;
        }
        if (news.poll(limit.toNanos(), TimeUnit.NANOSECONDS) != null) {
            Thread.sleep(BURST);
        }
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    private Watch listen() {
        try {
            return store.watchAll(store.resourceVersion(), new Listener());
        } catch (ExpiredException e) {
            throw new IllegalStateException("the newest version never expires", e);
        }
    }

    /// A watch that fell behind ends; looking at intervals goes on, so nothing is missed for long.
    private final class Listener implements WatchListener {
        @Override
        public void happened(StoreEvent event) {
            // Full means that nobody has looked since the last change: this one will be seen with it.
            boolean ignored = news.offer(News.CHANGE);
        }
    }
}
