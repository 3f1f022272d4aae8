package dev.slipway.engine.image;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Work that several callers want at the same time and that is done once.
///
/// ```
/// caller A  board ------------------------- await -> result
/// caller B            board -- await ------------> the same result
/// caller C       board -- leave
/// work            |=============================|
/// ```
///
/// When the last caller leaves before the end, the work is interrupted. Safe for use by many threads.
final class Flights<K, V> {
    /// Work, with those who listen to it.
    interface Work<V> {
        V run(PullProgress listeners) throws IOException;
    }

    private static final Logger LOG = Logger.getLogger(Flights.class);
    private static final Duration LONGEST_LANDING = Duration.ofSeconds(30);

    private final ExecutorService threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<K, Flight> flights = new HashMap<>();

    Flights(ExecutorService threads) {
        this.threads = threads;
    }

    /// Joins the flight for `key`, or starts one that does `work`.
    Seat board(K key, PullProgress listener, Work<V> work) {
        lock.lock();
        try {
            Flight flight = flights.get(key);
            boolean starts = flight == null;
            if (flight == null) {
                flight = new Flight(key, work);
                threads.execute(flight.task);
                flights.put(key, flight);
            }
            flight.seats++;
            flight.listeners.add(listener);
            return new Seat(flight, listener, starts);
        } finally {
            lock.unlock();
        }
    }

    private final class Flight {
        private final K key;
        private final Audience listeners = new Audience();
        private final FutureTask<V> task;
        private final CountDownLatch landed = new CountDownLatch(1);
        private int seats;

        Flight(K key, Work<V> work) {
            this.key = key;
            Callable<V> whole = () -> {
                try {
                    return work.run(listeners);
                } finally {
                    land(this);
                }
            };
            this.task = new FutureTask<>(whole) {
                @Override
                public void run() {
                    try {
                        super.run();
                    } finally {
                        landed.countDown();
                    }
                }
            };
        }
    }

    private void land(Flight flight) {
        lock.lock();
        try {
            flights.remove(flight.key, flight);
        } finally {
            lock.unlock();
        }
    }

    /// One caller's part in a flight. For one thread; closed once.
    final class Seat implements AutoCloseable {
        private final Flight flight;
        private final PullProgress listener;
        private final boolean started;

        private Seat(Flight flight, PullProgress listener, boolean started) {
            this.flight = flight;
            this.listener = listener;
            this.started = started;
        }

        /// Whether the flight does this caller's own work, not another's.
        boolean started() {
            return started;
        }

        /// Waits for the result. An interrupt of this caller ends its wait with [InterruptedIOException].
        V await() throws IOException {
            try {
                return flight.task.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for a pull");
            } catch (ExecutionException e) {
                throw rethrown(e.getCause());
            }
        }

        private RuntimeException rethrown(@Nullable Throwable cause) throws IOException {
            if (cause instanceof IOException failure) {
                throw failure;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            return cause instanceof RuntimeException bug ? bug : new IllegalStateException(cause);
        }

        /// Leaves the flight; the last one to leave ends it, and waits until its work has stopped.
        @Override
        public void close() {
            if (leave()) {
                flight.task.cancel(true);
                awaitLanding();
            }
        }

        private boolean leave() {
            lock.lock();
            try {
                flight.listeners.remove(listener);
                return --flight.seats == 0 && flights.remove(flight.key, flight);
            } finally {
                lock.unlock();
            }
        }

        private void awaitLanding() {
            try {
                if (!flight.landed.await(LONGEST_LANDING.toMillis(), TimeUnit.MILLISECONDS)) {
                    LOG.warnf("interrupted work goes on work=%s", flight.key);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Everybody who listens to one flight. Who comes late hears first how things stand. Safe for use by many
    /// threads: one event at a time is told to all.
    private static final class Audience implements PullProgress {
        private record Resolved(Digest manifest, List<Descriptor> layers) {}

        private record Standing(Phase phase, long doneBytes) {}

        private final ReentrantLock lock = new ReentrantLock();
        private final List<PullProgress> listeners = new ArrayList<>();
        private final Map<Digest, Standing> standings = new LinkedHashMap<>();
        private @Nullable Resolved resolved;

        void add(PullProgress listener) {
            locked(() -> {
                listeners.add(listener);
                if (resolved != null) {
                    listener.resolved(resolved.manifest(), resolved.layers());
                }
                standings.forEach((layer, now) -> listener.layer(layer, now.phase(), now.doneBytes()));
            });
        }

        void remove(PullProgress listener) {
            locked(() -> listeners.remove(listener));
        }

        @Override
        public void resolved(Digest manifest, List<Descriptor> layers) {
            locked(() -> {
                resolved = new Resolved(manifest, layers);
                listeners.forEach(listener -> listener.resolved(manifest, layers));
            });
        }

        @Override
        public void layer(Digest layer, Phase phase, long doneBytes) {
            locked(() -> {
                standings.put(layer, new Standing(phase, doneBytes));
                listeners.forEach(listener -> listener.layer(layer, phase, doneBytes));
            });
        }

        private void locked(Runnable change) {
            lock.lock();
            try {
                change.run();
            } finally {
                lock.unlock();
            }
        }
    }
}
