package dev.slipway.desired.store;

import dev.slipway.desired.meta.ObjectKey;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// One watcher with its own queue and its own thread, so that a slow one holds up nobody: when its queue has 4096
/// writes or 16 MiB of them, its watch ends. [#offer] is called under the lock of [Contents]; the listener is called on
/// the watch's virtual thread.
final class StoreWatch implements Watch {
    private static final Logger LOG = Logger.getLogger(StoreWatch.class);
    private static final int LONGEST_QUEUE = 4096;
    private static final int LARGEST_QUEUE_BYTES = 16 << 20;

    private final Predicate<ObjectKey> selection;
    private final WatchListener listener;
    private final Consumer<StoreWatch> whenClosed;
    private final Thread thread;

    /// Empty means: the watch ends here.
    private final LinkedBlockingQueue<Optional<Change>> queue = new LinkedBlockingQueue<>();

    private final AtomicInteger queuedBytes = new AtomicInteger();
    private volatile boolean closed;

    StoreWatch(Predicate<ObjectKey> selection, WatchListener listener, Consumer<StoreWatch> whenClosed) {
        this.selection = selection;
        this.listener = listener;
        this.whenClosed = whenClosed;
        this.thread = Thread.ofVirtual().name("watch").unstarted(this::deliver);
    }

    void start() {
        thread.start();
    }

    /// Queues `change` if it is selected.
    ///
    /// @return false when the watch has fallen too far behind and ends
    boolean offer(Change change) {
        if (!selection.test(change.key())) {
            return true;
        }
        if (queue.size() >= LONGEST_QUEUE || queuedBytes.get() > LARGEST_QUEUE_BYTES) {
            queue.clear();
            end();
            return false;
        }
        queuedBytes.addAndGet(change.sizeBytes());
        queue.add(Optional.of(change));
        return true;
    }

    /// Ends the watch behind what is queued.
    void end() {
        queue.add(Optional.empty());
    }

    @Override
    public void close() {
        closed = true;
        whenClosed.accept(this);
        if (Thread.currentThread() != thread) {
            thread.interrupt();
        }
    }

    private void deliver() {
        try {
            for (Optional<Change> next = queue.take(); !closed; next = queue.take()) {
                if (next.isEmpty()) {
                    listener.ended();
                    return;
                }
                queuedBytes.addAndGet(-next.get().sizeBytes());
                listener.happened(next.get().event());
            }
        } catch (InterruptedException e) {
            // Closed: nothing more is delivered.
            closed = true;
        } catch (RuntimeException | Error e) {
            // The root of this thread. Whoever has missed a change looks at everything again.
            LOG.error("a change was not taken in", e);
            close();
            listener.ended();
        }
    }
}
