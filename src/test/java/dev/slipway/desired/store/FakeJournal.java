package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Counts commits, and holds or fails them when told to.
final class FakeJournal implements Journal {
    final List<Integer> sizes = new ArrayList<>();
    final LinkedBlockingQueue<Integer> entered = new LinkedBlockingQueue<>();
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile IOException failure;
    volatile Error error;

    @Override
    public void commit(List<Change> changes) throws IOException {
        entered.add(changes.size());
        if (failure != null) {
            throw failure;
        }
        if (error != null) {
            throw error;
        }
        try {
            assertTrue(gate.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        sizes.add(changes.size());
    }

    @Override
    public void close() {
        entered.clear();
    }
}
