package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ExpiredException;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.StoreEvent;
import dev.slipway.desired.store.Watch;
import dev.slipway.desired.store.WatchListener;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Runs [Controller]s from [#start] to [#close], each in a [ReconcileLoop] of its own, on one watch of the store.
///
/// ```
/// start               -> a round of every object of each controller's resource
/// write of an object  -> a round of it, and of those that any controller says it concerns
/// news of the engine  -> touch(key): a round of it
/// watch fell behind   -> as at start, and a round of each object that went meanwhile
/// ```
///
/// Thread-safe. [#touch] may be called before [#start], so that the engine's news need no order.
public final class Controllers implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Controllers.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    private final ObjectStore store;
    private final Schedule schedule;
    private final Map<GroupResource, Seat> seats = new LinkedHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Watch watch;
    private boolean closed;

    /// @param controllers at most one for each resource
    public Controllers(ObjectStore store, Schedule schedule, List<? extends Controller> controllers) {
        this.store = store;
        this.schedule = schedule;
        for (Controller controller : controllers) {
            if (seats.put(controller.resource(), new Seat(controller, schedule)) != null) {
                throw new IllegalArgumentException("two controllers for " + controller.resource());
            }
        }
    }

    /// A controller, its loop, and the keys that it has been told of and that are not gone.
    private record Seat(Controller controller, ReconcileLoop loop, Set<ObjectKey> known) {
        Seat(Controller controller, Schedule schedule) {
            this(
                    controller,
                    new ReconcileLoop(
                            controller.resource().toString(),
                            controller,
                            schedule.workers(),
                            schedule.delays(),
                            new Backoff(FIRST_RETRY, LAST_RETRY, () -> ThreadLocalRandom.current()
                                    .nextDouble())),
                    ConcurrentHashMap.newKeySet());
        }

        void touchAll(List<ApiObject> objects) {
            Set<ObjectKey> before = Set.copyOf(known);
            known.clear();
            objects.forEach(
                    object -> known.add(new ObjectKey(controller.resource(), object.namespace(), object.name())));
            before.stream().filter(key -> !known.contains(key)).forEach(loop::touch);
            known.forEach(loop::touch);
        }

        void heard(StoreEvent event) {
            if (event instanceof StoreEvent.Deleted) {
                known.remove(event.key());
            } else {
                known.add(event.key());
            }
            loop.touch(event.key());
        }

        void touchConcerned(StoreEvent event) {
            concerned(event.object()).forEach(loop::touch);
            if (event instanceof StoreEvent.Updated updated) {
                concerned(updated.before()).forEach(loop::touch);
            }
        }

        /// A bug in one controller must not end the watch that all of them live by.
        private Collection<ObjectKey> concerned(ApiObject changed) {
            try {
                return controller.concerned(changed);
            } catch (RuntimeException | Error e) {
                LOG.errorf(e, "concerns unknown controller=%s object=%s", controller.resource(), changed);
                return List.of();
            }
        }
    }

    /// Gives every object its first round, and listens from then on.
    public void start() {
        long from = store.resourceVersion();
        seats.forEach((resource, seat) -> seat.touchAll(store.list(resource, "").items()));
        lock.lock();
        try {
            if (!closed) {
                watch = store.watchAll(from, new Listener());
            }
        } catch (ExpiredException e) {
            // More was written while we looked than the store remembers.
            restart();
        } finally {
            lock.unlock();
        }
    }

    /// Gives one object a round: something about it has changed that the store does not know of.
    ///
    /// @throws IllegalArgumentException when no controller owns its resource
    public void touch(ObjectKey key) {
        Seat seat = seats.get(key.resource());
        if (seat == null) {
            throw new IllegalArgumentException("no controller for " + key.resource());
        }
        seat.loop().touch(key);
    }

    /// Ends listening and waits for rounds that run.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (watch != null) {
                watch.close();
            }
        } finally {
            lock.unlock();
        }
        seats.values().forEach(seat -> seat.loop().close());
    }

    private void restart() {
        schedule.workers().execute(this::start);
    }

    private final class Listener implements WatchListener {
        @Override
        public void happened(StoreEvent event) {
            seats.forEach((resource, seat) -> {
                if (resource.equals(event.key().resource())) {
                    seat.heard(event);
                }
                seat.touchConcerned(event);
            });
        }

        @Override
        public void ended() {
            lock.lock();
            try {
                if (!closed) {
                    restart();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
