package dev.slipway.actor.resolve;

import dev.slipway.desired.meta.ObjectKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which pod has a uid, and which pods look at an object. Thread-safe: every method holds one lock.
public final class PodIndex {
    private final Map<String, ObjectKey> byUid = new HashMap<>();
    private final Map<ObjectKey, Set<ObjectKey>> lookedAtBy = new HashMap<>();
    private final Map<ObjectKey, Set<ObjectKey>> looksAt = new HashMap<>();

    /// @param references what the pod looks at, there or not
    public synchronized void put(ObjectKey pod, String uid, Set<ObjectKey> references) {
        byUid.put(uid, pod);
        if (references.equals(looksAt.get(pod))) {
            return;
        }
        forgetReferences(pod);
        looksAt.put(pod, Set.copyOf(references));
        references.forEach(
                key -> lookedAtBy.computeIfAbsent(key, each -> new HashSet<>()).add(pod));
    }

    /// The pod of that name has gone, or is another one by now.
    public synchronized void remove(ObjectKey pod, String uid) {
        byUid.remove(uid, pod);
        forgetReferences(pod);
    }

    public synchronized Optional<ObjectKey> find(String uid) {
        return Optional.ofNullable(byUid.get(uid));
    }

    public synchronized Collection<ObjectKey> lookingAt(ObjectKey object) {
        return Set.copyOf(lookedAtBy.getOrDefault(object, Set.of()));
    }

    private void forgetReferences(ObjectKey pod) {
        Set<ObjectKey> before = looksAt.remove(pod);
        for (ObjectKey key : before == null ? Set.<ObjectKey>of() : before) {
            lookedAtBy.computeIfPresent(key, (each, pods) -> {
                pods.remove(pod);
                return pods.isEmpty() ? null : pods;
            });
        }
    }
}
