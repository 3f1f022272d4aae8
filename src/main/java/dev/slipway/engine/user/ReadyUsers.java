package dev.slipway.engine.user;

import dev.slipway.engine.linux.HeldNamespace;
import dev.slipway.engine.shim.UserNamespaces;
import dev.slipway.engine.stock.Stock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executor;

/// User namespaces with their ids, made before a pod needs one, because that takes a process. They are held by
/// descriptors only, so they vanish with this one. Thread-safe.
///
/// None is made before somebody has wanted one: who never has users of his own pays nothing.
final class ReadyUsers implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String NAME = "+ready.";

    private final UserNamespaces namespaces;
    private final IdRanges ranges;
    private final PodUsers.NetworkPreparation preparation;
    private final Stock<Ready> ready;
    /// A directory of a namespace lives on for a moment when the next one is made.
    private long made;

    /// @param preparation makes the network namespace of each ready too
    /// @param wanted how many to keep
    /// @param filler makes more after one was taken
    ReadyUsers(
            UserNamespaces namespaces,
            IdRanges ranges,
            PodUsers.NetworkPreparation preparation,
            int wanted,
            Executor filler) {
        this.namespaces = namespaces;
        this.ranges = ranges;
        this.preparation = preparation;
        this.ready = new Stock<>("user namespace", wanted, this::make, this::discard, filler);
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
    Optional<Ready> take() {
        return ready.take();
    }

    @Override
    public void close() {
        ready.close();
    }

    private Ready make() throws IOException, InterruptedException {
        IdRange range = ranges.reserve();
        Deque<Ready> held = new ArrayDeque<>();
        boolean isMade = false;
        try {
            namespaces.make(NAME + ++made, holder -> held.add(hold(holder, range)), LIMIT);
            preparation.of(held.element().net().path());
            isMade = true;
            return held.remove();
        } finally {
            if (!isMade) {
                held.forEach(Ready::close);
                ranges.giveBack(range);
            }
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

    private void discard(Ready unused) {
        ranges.giveBack(unused.range());
        unused.close();
    }
}
