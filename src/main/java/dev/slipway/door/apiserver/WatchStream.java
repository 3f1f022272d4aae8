package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.store.ExpiredException;
import dev.slipway.desired.store.ObjectList;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.StoreEvent;
import dev.slipway.desired.store.Watch;
import dev.slipway.desired.store.WatchListener;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.Sink;
import dev.slipway.door.http.StatusDocuments;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// One client's watch of one resource: a JSON document a line for each change of what is selected.
///
/// ```
/// client: ...?watch&sendInitialEvents  ADDED a  ADDED b  BOOKMARK(initial-events-end)  MODIFIED a ...  BOOKMARK ...
/// store:   list at version 7 ---------^         ^                 watch after 7 -------^
/// ```
///
/// Two threads write, each whole lines under one lock: the request's own thread the beginning and the bookmarks, and
/// the store's thread of this watch the changes. While nothing changes both sleep.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes Kubernetes:
///     watches
final class WatchStream implements Reply.Source {
    private static final Logger LOG = Logger.getLogger(WatchStream.class);
    private static final Duration BOOKMARK_EVERY = Duration.ofMinutes(1);
    private static final int FLUSH_BYTES = 64 * 1024;
    private static final String INITIAL_EVENTS_END = "k8s.io/initial-events-end";

    /// What of the store is watched.
    record Scope(GroupResource resource, String namespace, Predicate<ApiObject> selector) {
        boolean holds(ApiObject object) {
            return (namespace.isEmpty() || namespace.equals(object.namespace())) && selector.test(object);
        }
    }

    private final ObjectStore store;
    private final Scope scope;
    private final Rendering rendering;
    private final WatchOptions options;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Object order = new Object();
    private boolean isFirst = true;
    private long told;

    WatchStream(ObjectStore store, Scope scope, Rendering rendering, WatchOptions options) {
        this.store = store;
        this.scope = scope;
        this.rendering = rendering;
        this.options = options;
    }

    @Override
    public void writeTo(Sink sink) throws IOException, InterruptedException {
        sink.onClose(over::countDown);
        told = options.from();
        if (options.sendsInitial() || options.from() == 0) {
            sendInitial(sink);
        }
        if (told > store.resourceVersion()) {
            sendExpired(sink, "resource version " + told + " lies in the future of this store");
            return;
        }
        Watch watch;
        try {
            watch = store.watch(scope.resource(), told, listener(sink));
        } catch (ExpiredException e) {
            sendExpired(sink, String.valueOf(e.getMessage()));
            return;
        }
        try {
            awaitEnd(sink);
        } finally {
            watch.close();
        }
    }

    private void sendInitial(Sink sink) throws IOException {
        ObjectList present = store.list(scope.resource(), scope.namespace());
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (ApiObject object : present.items()) {
            if (scope.selector().test(object)) {
                lines.writeBytes(line("ADDED", rendering.event(object, isFirst)));
                isFirst = false;
            }
            if (lines.size() >= FLUSH_BYTES) {
                sink.write(lines.toByteArray());
                lines.reset();
            }
        }
        told = present.resourceVersion();
        if (options.sendsInitial() && options.sendsBookmarks()) {
            ObjectNode metadata = metadata(told);
            metadata.putObject("annotations").put(INITIAL_EVENTS_END, "true");
            lines.writeBytes(line("BOOKMARK", rendering.bookmark(metadata)));
        }
        if (lines.size() > 0) {
            sink.write(lines.toByteArray());
        }
    }

    private WatchListener listener(Sink sink) {
        return new WatchListener() {
            @Override
            public void happened(StoreEvent event) {
                try {
                    tell(sink, event);
                } catch (IOException e) {
                    LOG.debugf("watch ended reason=\"%s\"", e.getMessage());
                    over.countDown();
                }
            }

            @Override
            public void ended() {
                over.countDown();
            }
        };
    }

    /// An object that enters the selection is added for this client, one that leaves it deleted.
    private void tell(Sink sink, StoreEvent event) throws IOException {
        boolean isIn = scope.holds(event.object());
        boolean wasIn =
                switch (event) {
                    case StoreEvent.Created created -> false;
                    case StoreEvent.Updated updated -> scope.holds(updated.before());
                    case StoreEvent.Deleted deleted -> isIn;
                };
        boolean isGone = event instanceof StoreEvent.Deleted;
        if (isIn && !isGone) {
            send(sink, wasIn ? "MODIFIED" : "ADDED", event.object());
        } else if (wasIn) {
            send(sink, "DELETED", event.object());
        }
    }

    /// A bookmark tells a version that was current one interval ago: whatever was written up to it has long been
    /// told.
    private void awaitEnd(Sink sink) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + options.timeout().toNanos();
        long settled = told;
        long current = store.resourceVersion();
        for (long left = options.timeout().toNanos(); left > 0; left = deadline - System.nanoTime()) {
            if (over.await(Math.min(left, BOOKMARK_EVERY.toNanos()), TimeUnit.NANOSECONDS)) {
                return;
            }
            settled = current;
            current = store.resourceVersion();
            if (options.sendsBookmarks()) {
                sendBookmark(sink, settled);
            }
        }
    }

    private void sendBookmark(Sink sink, long settled) throws IOException {
        synchronized (order) {
            told = Math.max(told, settled);
            sink.write(line("BOOKMARK", rendering.bookmark(metadata(told))));
        }
    }

    private static void sendExpired(Sink sink, String message) throws IOException {
        sink.write(line("ERROR", StatusDocuments.failure(410, "Expired", message)));
    }

    private void send(Sink sink, String type, ApiObject object) throws IOException {
        synchronized (order) {
            sink.write(line(type, rendering.event(object, isFirst)));
            isFirst = false;
            told = Math.max(told, object.resourceVersion());
        }
    }

    private static byte[] line(String type, ObjectNode object) {
        ObjectNode event = JsonNodeFactory.instance.objectNode().put("type", type);
        event.set("object", object);
        byte[] json = ObjectCodec.toBytes(event);
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    private static ObjectNode metadata(long version) {
        return JsonNodeFactory.instance.objectNode().put("resourceVersion", Long.toString(version));
    }
}
