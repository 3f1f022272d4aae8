package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Everything that has been committed, in memory: objects, the last changes, and who watches. One lock makes
/// publishing,
/// listing and the start of a watch atomic towards each other; nothing is parsed or called back while it is held.
final class Contents {
    /// Changes kept for watches that start from an older version: so many, and together no larger than that.
    static final int HISTORY = 2048;

    static final int HISTORY_BYTES = 4 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<GroupResource, TreeMap<ObjectKey, Stored>> objects = new HashMap<>();
    private final Deque<Change> history = new ArrayDeque<>();
    private final Set<StoreWatch> watches = new LinkedHashSet<>();
    private long historyBytes;
    private long version;
    private long forgottenUpTo;
    private boolean closed;

    /// Fills the contents at start, before anybody else sees them.
    void load(Collection<Map.Entry<ObjectKey, Stored>> found, long lastVersion) {
        found.forEach(entry -> of(entry.getKey().resource()).put(entry.getKey(), entry.getValue()));
        version = lastVersion;
        forgottenUpTo = lastVersion;
    }

    long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Stored find(ObjectKey key) {
        lock.lock();
        try {
            return of(key.resource()).get(key);
        } finally {
            lock.unlock();
        }
    }

    Optional<ApiObject> get(ObjectKey key) {
        return Optional.ofNullable(find(key)).map(Stored::object);
    }

    ObjectList list(GroupResource resource, String namespace) {
        List<Stored> found = new ArrayList<>();
        long at;
        lock.lock();
        try {
            at = version;
            of(resource).forEach((key, stored) -> {
                if (namespace.isEmpty() || namespace.equals(key.namespace())) {
                    found.add(stored);
                }
            });
        } finally {
            lock.unlock();
        }
        return new ObjectList(found.stream().map(Stored::object).toList(), at);
    }

    /// Makes committed changes visible, in the order of their versions.
    void publish(List<Change> changes) {
        lock.lock();
        try {
            changes.forEach(this::publish);
        } finally {
            lock.unlock();
        }
    }

    /// Packs what is here. Nobody has to wait meanwhile.
    void pack() {
        List<Stored> all = new ArrayList<>();
        lock.lock();
        try {
            objects.values().forEach(each -> all.addAll(each.values()));
            history.stream().flatMap(Change::versions).forEach(all::add);
        } finally {
            lock.unlock();
        }
        try (Packing packing = new Packing()) {
            all.forEach(each -> each.pack(packing));
        }
    }

    Watch watch(Predicate<ObjectKey> selection, long from, WatchListener listener) throws ExpiredException {
        StoreWatch watch = new StoreWatch(selection, listener, this::forget);
        lock.lock();
        try {
            if (from < forgottenUpTo) {
                throw new ExpiredException(from, forgottenUpTo);
            }
            history.stream().filter(change -> change.version() > from).forEach(watch::offer);
            if (closed) {
                watch.end();
            } else {
                watches.add(watch);
            }
        } finally {
            lock.unlock();
        }
        watch.start();
        return watch;
    }

    /// Ends all watches.
    void close() {
        lock.lock();
        try {
            closed = true;
            watches.forEach(StoreWatch::end);
            watches.clear();
        } finally {
            lock.unlock();
        }
    }

    private void publish(Change change) {
        TreeMap<ObjectKey, Stored> siblings = of(change.key().resource());
        if (change.deleted()) {
            siblings.remove(change.key());
        } else {
            siblings.put(change.key(), change.after());
        }
        version = change.version();
        history.addLast(change);
        historyBytes += change.sizeBytes();
        while (history.size() > HISTORY || historyBytes > HISTORY_BYTES) {
            Change oldest = history.removeFirst();
            historyBytes -= oldest.sizeBytes();
            forgottenUpTo = oldest.version();
        }
        watches.removeIf(watch -> !watch.offer(change));
    }

    private void forget(StoreWatch watch) {
        lock.lock();
        try {
            watches.remove(watch);
        } finally {
            lock.unlock();
        }
    }

    private TreeMap<ObjectKey, Stored> of(GroupResource resource) {
        return objects.computeIfAbsent(resource, each -> new TreeMap<>());
    }
}
