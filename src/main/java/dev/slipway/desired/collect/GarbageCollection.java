package dev.slipway.desired.collect;

import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.ReconcileLoop;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ExpiredException;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.StoreEvent;
import dev.slipway.desired.store.Watch;
import dev.slipway.desired.store.WatchListener;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Runs from [#start] to [#close]: hears every write and gives a round to each object that may have to go by it.
/// Thread-safe.
///
/// ```
/// owner deleted          -> rounds of its dependents     -> deleted when no owner is left
/// dependent deleted      -> rounds of its owners         -> one that waits in the foreground goes
/// namespace being deleted-> round of the namespace       -> its objects deleted
/// object in it deleted   -> round of the namespace       -> it goes with the last of them
/// ```
public final class GarbageCollection implements AutoCloseable {
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    private final ObjectApi objects;
    private final Schedule schedule;
    private final Dependents dependents = new Dependents();
    private final ReconcileLoop loop;
    private volatile @Nullable Watch watch;
    private volatile boolean closed;

    public GarbageCollection(ObjectApi objects, Schedule schedule) {
        this.objects = objects;
        this.schedule = schedule;
        this.loop = new ReconcileLoop(
                "collect",
                new Collector(objects, dependents),
                schedule.workers(),
                schedule.delays(),
                new Backoff(FIRST_RETRY, LAST_RETRY, () -> ThreadLocalRandom.current()
                        .nextDouble()));
    }

    /// Looks at everything once, and listens from then on.
    public void start() {
        ObjectStore store = objects.store();
        long from = store.resourceVersion();
        for (Kind kind : objects.kinds().all()) {
            for (ApiObject object : store.list(kind.name().resource(), "").items()) {
                ObjectKey key = Kinds.key(kind, object.namespace(), object.name());
                dependents.add(key, object);
                touch(key, object);
            }
        }
        try {
            watch = store.watchAll(from, new WatchListener() {
                @Override
                public void happened(StoreEvent event) {
                    heard(event);
                }

                @Override
                public void ended() {
                    restart();
                }
            });
        } catch (ExpiredException e) {
            // More was written while we looked than the store remembers.
            restart();
        }
    }

    @Override
    public void close() {
        closed = true;
        Watch running = watch;
        if (running != null) {
            running.close();
        }
        loop.close();
    }

    private void restart() {
        if (!closed) {
            schedule.workers().execute(this::start);
        }
    }

    private void heard(StoreEvent event) {
        switch (event) {
            case StoreEvent.Created created -> {
                dependents.add(created.key(), created.object());
                touch(created.key(), created.object());
            }
            case StoreEvent.Updated updated -> {
                if (isChanged(updated)) {
                    dependents.remove(updated.key(), updated.before());
                    dependents.add(updated.key(), updated.object());
                    touch(updated.key(), updated.object());
                }
            }
            case StoreEvent.Deleted deleted -> gone(deleted.key(), deleted.object());
        }
    }

    private static boolean isChanged(StoreEvent.Updated event) {
        ApiObject now = event.object();
        ApiObject before = event.before();
        return !now.metadata().path("ownerReferences").equals(before.metadata().path("ownerReferences"))
                || !now.metadata()
                        .path("deletionTimestamp")
                        .equals(before.metadata().path("deletionTimestamp"))
                || !now.finalizers().equals(before.finalizers());
    }

    private void gone(ObjectKey key, ApiObject object) {
        dependents.remove(key, object);
        dependents.of(object.uid()).forEach(loop::touch);
        for (Owner owner : Owner.of(object)) {
            objects.kinds()
                    .find(owner.apiVersion(), owner.kind())
                    .ifPresent(kind -> touchStored(Kinds.key(kind, key.namespace(), owner.name())));
        }
        if (!key.namespace().isEmpty()) {
            touchStored(new ObjectKey(GroupResource.core("namespaces"), "", key.namespace()));
        }
    }

    private void touchStored(ObjectKey key) {
        objects.store().get(key).ifPresent(object -> touch(key, object));
    }

    private void touch(ObjectKey key, ApiObject object) {
        if (Collector.concerns(object)) {
            loop.touch(key);
        }
    }
}
