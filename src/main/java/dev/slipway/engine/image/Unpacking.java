package dev.slipway.engine.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/// The half of a layer's pull that runs beside the download. Owned by the downloading thread, which runs it on another
/// one, waits for its end and closes it; a tree that was not committed by then is removed.
final class Unpacking implements Runnable, AutoCloseable {
    private final LayerTrees trees;
    private final LayerPull.Order order;
    private final InputStream packed;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile LayerTrees.@Nullable Unpacked tree;
    private volatile @Nullable Throwable failure;
    private boolean started;

    Unpacking(LayerTrees trees, LayerPull.Order order, InputStream packed) {
        this.trees = trees;
        this.order = order;
        this.packed = packed;
    }

    void startOn(ExecutorService threads) {
        threads.execute(this);
        started = true;
    }

    @Override
    public void run() {
        try (packed) {
            tree = trees.unpack(order.diffId(), order.blob().mediaType(), packed);
        } catch (IOException | RuntimeException e) {
            failure = e;
        } finally {
            ended.countDown();
        }
    }

    /// Stops a download whose archive cannot be unpacked.
    void throwIfFailed() throws IOException {
        Throwable cause = failure;
        switch (cause) {
            case null -> {}
            case IOException io -> throw io;
            case RuntimeException bug -> throw bug;
            default -> throw new IllegalStateException(cause);
        }
    }

    /// Waits for the end.
    LayerTrees.Unpacked await() throws IOException {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while unpacking a layer");
        }
        throwIfFailed();
        LayerTrees.Unpacked done = tree;
        if (done == null) {
            throw new IllegalStateException("unpacking ended without tree and without failure");
        }
        return done;
    }

    /// Waits for the end, which the caller must have made sure of by ending the ingest, and removes an uncommitted
    /// tree.
    @Override
    public void close() throws IOException {
        boolean interrupted = false;
        while (started && ended.getCount() > 0) {
            try {
                ended.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        LayerTrees.Unpacked done = tree;
        if (done != null) {
            done.close();
        }
        packed.close();
    }
}
