package dev.slipway.engine.user;

import dev.slipway.engine.linux.HeldNamespace;
import dev.slipway.engine.shim.UserNamespaces;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jboss.logging.Logger;

/// User namespaces with their ids, made before a pod needs one, because that takes a process. They are held by
/// descriptors only, so they vanish with this one. Thread-safe.
///
/// None is made before somebody has wanted one: who never has users of his own pays nothing.
final class ReadyUsers implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReadyUsers.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String NAME = "+ready.";

    private final UserNamespaces namespaces;
    private final IdRanges ranges;
    private final PodUsers.NetworkPreparation preparation;
    private final int wanted;
    private final Deque<Ready> ready = new ArrayDeque<>();
    /// A directory of a namespace lives on for a moment when the next one is made.
    private long made;

    private boolean filling;
    private boolean closed;

    /// @param preparation makes the network namespace of each ready too
    /// @param wanted how many to keep
    ReadyUsers(UserNamespaces namespaces, IdRanges ranges, PodUsers.NetworkPreparation preparation, int wanted) {
        this.namespaces = namespaces;
        this.ranges = ranges;
        this.preparation = preparation;
        this.wanted = wanted;
    }

    /// @param net and `ipc`: namespaces that belong to `user`
    record Ready(IdRange range, HeldNamespace user, HeldNamespace net, HeldNamespace ipc) implements AutoCloseable {
        @Override
        public void close() {
            user.close();
            net.close();
            ipc.close();
        }
    }

    /// One that is ready, if there is; its range is reserved.
    synchronized Optional<Ready> take() {
        return Optional.ofNullable(ready.poll());
    }

    /// Makes as many as are wanted. One thread does it; others return at once.
    void fill() {
        synchronized (this) {
            if (filling) {
                return;
            }
            filling = true;
        }
        try {
            while (isShort()) {
                add(make());
            }
        } catch (IOException e) {
            // A pod that comes makes its own, and says then what is wrong.
            LOG.debugf(e, "no user namespace could be made ready");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                filling = false;
            }
        }
    }

    @Override
    public void close() {
        Ready next;
        do {
            synchronized (this) {
                closed = true;
                next = ready.poll();
            }
            if (next != null) {
                discard(next);
            }
        } while (next != null);
    }

    private Ready make() throws IOException, InterruptedException {
        IdRange range = ranges.reserve();
        Deque<Ready> held = new ArrayDeque<>();
        try {
            namespaces.make(NAME + ++made, holder -> held.add(hold(holder, range)), LIMIT);
            preparation.of(held.element().net().path());
            return held.remove();
        } catch (IOException | InterruptedException e) {
            held.forEach(Ready::close);
            ranges.giveBack(range);
            throw e;
        }
    }

    private static Ready hold(int holder, IdRange range) throws IOException {
        PodUsers.mapIds(holder, range);
        HeldNamespace user = HeldNamespace.open(PodUsers.namespace(holder, "user"));
        try {
            HeldNamespace net = HeldNamespace.open(PodUsers.namespace(holder, "net"));
            try {
                return new Ready(range, user, net, HeldNamespace.open(PodUsers.namespace(holder, "ipc")));
            } catch (IOException e) {
                net.close();
                throw e;
            }
        } catch (IOException e) {
            user.close();
            throw e;
        }
    }

    private synchronized boolean isShort() {
        return !closed && ready.size() < wanted;
    }

    private void add(Ready made) {
        synchronized (this) {
            if (!closed) {
                ready.add(made);
                return;
            }
        }
        discard(made);
    }

    private void discard(Ready unused) {
        ranges.giveBack(unused.range());
        unused.close();
    }
}
