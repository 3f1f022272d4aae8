package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Documents of other registries that were fetched last, as far as they are small. What one repository has shown is not
/// known of another. Safe for use by many threads.
final class FetchedDocuments {
    private static final int MOST_BYTES = 8 << 20;
    private static final int LARGEST_BYTES = 256 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Place, byte[]> known = new LinkedHashMap<>();
    private long bytes;

    private record Place(Repository repository, Digest digest) {}

    byte @Nullable [] find(Repository repository, Digest digest) {
        lock.lock();
        try {
            return known.get(new Place(repository, digest));
        } finally {
            lock.unlock();
        }
    }

    void note(Repository repository, Digest digest, byte[] document) {
        lock.lock();
        try {
            if (document.length <= LARGEST_BYTES
                    && known.putIfAbsent(new Place(repository, digest), document) == null) {
                bytes += document.length;
            }
            Iterator<byte[]> oldest = known.values().iterator();
            while (bytes > MOST_BYTES) {
                bytes -= oldest.next().length;
                oldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }
}
