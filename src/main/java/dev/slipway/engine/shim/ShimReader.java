package dev.slipway.engine.shim;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/// The one thread that hears all shims.
final class ShimReader implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ShimReader.class);
    /// How soon a shim that has hung up is looked after again; it is about to end.
    private static final long REAP_MILLIS = 5;
    private static final long PAUSE_NANOS = 100_000_000;

    private final Selector selector;
    private final Queue<ShimLink> arrivals = new ConcurrentLinkedQueue<>();
    private final List<ShimLink> ending = new ArrayList<>();
    private final Thread thread = Thread.ofPlatform().name("shims").daemon().unstarted(this::run);

    private volatile boolean closing;

    private ShimReader(Selector selector) {
        this.selector = selector;
    }

    static ShimReader start() throws IOException {
        ShimReader reader = new ShimReader(Selector.open());
        reader.thread.start();
        return reader;
    }

    /// Hears `link` from now on.
    void add(ShimLink link) {
        arrivals.add(link);
        selector.wakeup();
    }

    /// The root of this thread. Whatever a round stumbles over, memory that is used up among them: without this
    /// thread no end of a container would be heard any more, and what the round has left undone is done in the
    /// next.
    private void run() {
        while (!closing) {
            try {
                round();
            } catch (IOException | RuntimeException | Error e) {
                LOG.error("a shim was not heard, and will be", e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void round() throws IOException {
        if (ending.isEmpty()) {
            selector.select();
        } else {
            selector.select(REAP_MILLIS);
        }
        if (closing) {
            return;
        }
        for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
            SelectionKey key = keys.next();
            keys.remove();
            read(key, (ShimLink) key.attachment());
        }
        for (ShimLink link; (link = arrivals.peek()) != null; ) {
            register(link);
            arrivals.remove();
        }
        ending.removeIf(ShimReader::hasEnded);
    }

    private void register(ShimLink link) throws IOException {
        try {
            link.channel().configureBlocking(false);
            link.channel().register(selector, SelectionKey.OP_READ, link);
        } catch (ClosedChannelException e) {
            LOG.debug("a shim was hung up on before it was heard", e);
            ending.add(link);
        }
    }

    private void read(SelectionKey key, ShimLink link) throws IOException {
        boolean goesOn;
        try {
            goesOn = link.read();
        } catch (IOException e) {
            // A shim that was killed resets its connections.
            LOG.debug("a shim has hung up", e);
            goesOn = false;
        } catch (IllegalArgumentException e) {
            LOG.error("a shim is not understood: it is hung up on", e);
            goesOn = false;
        }
        if (!goesOn) {
            key.cancel();
            ending.add(link);
            link.channel().close();
        }
    }

    private static boolean hasEnded(ShimLink link) {
        try {
            if (!link.reap()) {
                return false;
            }
        } catch (IOException e) {
            LOG.warn("a shim cannot be reaped", e);
        }
        try {
            link.end();
        } catch (OutOfMemoryError e) {
            // It will be said again when there is some.
            throw e;
        } catch (RuntimeException | Error e) {
            LOG.error("the end of a container was not taken in: the others are heard all the same", e);
        }
        return true;
    }

    /// The thread ends first: it would take channels that are closed under it for shims that have ended.
    @Override
    public void close() throws IOException {
        if (closing) {
            return;
        }
        closing = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SelectionKey key : List.copyOf(selector.keys())) {
            leave((ShimLink) key.attachment());
        }
        for (ShimLink link; (link = arrivals.poll()) != null; ) {
            leave(link);
        }
        selector.close();
    }

    private static void leave(ShimLink link) throws IOException {
        link.channel().close();
        link.abandon();
    }
}
