package dev.slipway.app;

import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.collect.GarbageCollection;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.desired.store.StoreCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.jboss.logging.Logger;

/// What is wanted: the store, the one door to it, events, and the collection of what belongs to nobody.
record DesiredColumn(
        SqliteObjectStore store,
        StoreCheck check,
        ObjectApi objects,
        EventRecorder recorder,
        GarbageCollection collection)
        implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DesiredColumn.class);
    private static final int EXIT_CODE = 3;

    /// @throws IOException also when another engine has `root`
    static DesiredColumn open(Path root, String host, Schedule schedule) throws IOException {
        SqliteObjectStore store = SqliteObjectStore.open(root.resolve("objects"), StoreRoom::open);
        store.whenBroken(DesiredColumn::end);
        ObjectApi objects = new ObjectApi(store, Catalog.kinds(), schedule.clock(), () -> UUID.randomUUID()
                .toString());
        return new DesiredColumn(
                store,
                StoreCheck.of(store, schedule.clock()),
                objects,
                new EventRecorder(store, new EventSource("slipway", host), schedule),
                new GarbageCollection(objects, schedule));
    }

    /// At once, as if it were killed: there may be no memory for anything else. What runs goes on, and whoever
    /// keeps the engine running starts the next one, which finds all that was written.
    private static void end() {
        try {
            LOG.fatal("the object store has broken down: the engine ends, to be started again");
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    void start() {
        recorder.start();
        collection.start();
    }

    @Override
    public void close() throws IOException {
        collection.close();
        recorder.close();
        store.close();
    }
}
