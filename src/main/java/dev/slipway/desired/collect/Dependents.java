package dev.slipway.desired.collect;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Who names whom as its owner. Thread-safe: one lock.
final class Dependents {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Set<ObjectKey>> byOwner = new HashMap<>();

    void add(ObjectKey key, ApiObject dependent) {
        change(dependent, owner -> byOwner.computeIfAbsent(owner, uid -> new HashSet<>())
                .add(key));
    }

    void remove(ObjectKey key, ApiObject dependent) {
        change(dependent, owner -> {
            Set<ObjectKey> keys = byOwner.get(owner);
            if (keys != null && keys.remove(key) && keys.isEmpty()) {
                byOwner.remove(owner);
            }
        });
    }

    /// Those that name the object with this uid; some may be gone by now.
    List<ObjectKey> of(String uid) {
        lock.lock();
        try {
            return List.copyOf(byOwner.getOrDefault(uid, Set.of()));
        } finally {
            lock.unlock();
        }
    }

    private void change(ApiObject dependent, Consumer<String> each) {
        List<Owner> owners = Owner.of(dependent);
        if (owners.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            owners.forEach(owner -> each.accept(owner.uid()));
        } finally {
            lock.unlock();
        }
    }
}
