package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Disks without files. Thread-safe.
public final class FakeStorage {
    private final Map<PodUid, StorageUsage> pods = new ConcurrentHashMap<>();
    private final AtomicLong freeBytes = new AtomicLong(1L << 40);

    /// A pod has written that much by now, which the file system has less then.
    public void write(PodUid pod, StorageUsage usage) {
        long before = of(pod).bytes();
        pods.put(pod, usage);
        free(before - usage.bytes());
    }

    /// Somebody else removes something from the file system, or writes there if it is negative.
    public void free(long bytes) {
        freeBytes.addAndGet(bytes);
    }

    StorageUsage of(PodUid pod) {
        return pods.getOrDefault(pod, StorageUsage.NOTHING);
    }

    long freeBytes() {
        return freeBytes.get();
    }
}
