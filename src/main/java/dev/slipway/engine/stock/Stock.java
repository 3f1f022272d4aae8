package dev.slipway.engine.stock;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// A few of one thing, made before somebody needs one. Thread-safe.
public final class Stock<T> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Stock.class);

    private static final long MOMENT_MILLIS = 50;

    private final String name;
    private final int wanted;
    private final Maker<T> maker;
    private final Consumer<T> discard;
    private final Executor filler;
    private final Deque<T> ready = new ArrayDeque<>();
    private boolean filling;
    private boolean closed;

    /// @param name of one of them, for the log
    /// @param wanted how many to keep
    /// @param discard undoes what `maker` did
    /// @param filler makes the next one after one was taken
    public Stock(String name, int wanted, Maker<T> maker, Consumer<T> discard, Executor filler) {
        this.name = name;
        this.wanted = wanted;
        this.maker = maker;
        this.discard = discard;
        this.filler = filler;
    }

    /// Runs what a stock is filled by a moment later: then who has just taken one has no use any more for the
    /// processors.
    public static Executor later(Executor executor) {
        return CompletableFuture.delayedExecutor(MOMENT_MILLIS, TimeUnit.MILLISECONDS, executor);
    }

    /// Makes one.
    @FunctionalInterface
    public interface Maker<T> {
        T make() throws IOException, InterruptedException;
    }

    /// One that is ready, if there is.
    public Optional<T> take() {
        Optional<T> taken = poll();
        // Who filled before this one was gone would find none missing.
        filler.execute(this::fill);
        return taken;
    }

    private synchronized Optional<T> poll() {
        return Optional.ofNullable(ready.poll());
    }

    /// Makes as many as are wanted, also of those taken meanwhile. One thread does it; others return at once.
    public void fill() {
        boolean working = begin();
        try {
            while (working) {
                working = add(maker.make());
            }
        } catch (IOException e) {
            // Who comes makes his own, and says then what is wrong.
            LOG.debugf(e, "no %s could be made ready", name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (working) {
                end();
            }
        }
    }

    /// Discards those that are of no use any more.
    public void discardIf(Predicate<T> useless) {
        List<T> chosen = new ArrayList<>();
        synchronized (this) {
            ready.removeIf(each -> useless.test(each) && chosen.add(each));
        }
        chosen.forEach(discard);
    }

    /// Discards all, and keeps none from now on.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        discardIf(_ -> true);
    }

    private synchronized boolean begin() {
        if (filling) {
            return false;
        }
        filling = isShort();
        return filling;
    }

    /// @return whether more are wanted; if not, the next who finds one missing fills: found and said in one step,
    ///     or
    ///         one that is taken between the two would be missed by both
    private boolean add(T made) {
        synchronized (this) {
            if (!closed) {
                ready.add(made);
                filling = isShort();
                return filling;
            }
            filling = false;
        }
        discard.accept(made);
        return false;
    }

    private synchronized void end() {
        filling = false;
    }

    private boolean isShort() {
        return !closed && ready.size() < wanted;
    }
}
