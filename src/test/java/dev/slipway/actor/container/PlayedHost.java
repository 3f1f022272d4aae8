package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.collect.GarbageCollection;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Controllers;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Controllers that live by events alone: their loops, the store and garbage collection are real, the node is played.
public final class PlayedHost implements AutoCloseable {
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final TimerDelays delays = new TimerDelays();
    private final ObjectStore store;
    private final ObjectApi api;
    private final Controllers controllers;
    private final GarbageCollection collection;

    /// The controllers under test.
    @FunctionalInterface
    public interface Actors {
        List<Controller> of(ObjectApi api, EventRecorder recorder, InstantSource clock);
    }

    /// @param folder where objects are kept
    public PlayedHost(Path folder, Actors actors) throws IOException, ApiException {
        InstantSource clock = InstantSource.system();
        Schedule schedule = new Schedule(clock, delays, workers);
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        EventRecorder recorder = new EventRecorder(store, new EventSource("slipway", "here"), schedule);
        List<Controller> all = new ArrayList<>(actors.of(api, recorder, clock));
        all.add(new PlayedNode(api));
        controllers = new Controllers(store, schedule, all);
        collection = new GarbageCollection(api, schedule);
        ObjectNode namespace = ObjectCodec.json().createObjectNode();
        namespace.put("apiVersion", "v1").put("kind", "Namespace");
        namespace.putObject("metadata").put("name", "default");
        api.create(api.kinds().find("v1", "Namespace").orElseThrow(), "", namespace, WriteOptions.by("the test"));
        collection.start();
        controllers.start();
    }

    public ObjectStore store() {
        return store;
    }

    public ObjectApi api() {
        return api;
    }

    public Controllers controllers() {
        return controllers;
    }

    @Override
    public void close() throws Exception {
        controllers.close();
        collection.close();
        delays.close();
        workers.close();
        store.close();
    }
}
