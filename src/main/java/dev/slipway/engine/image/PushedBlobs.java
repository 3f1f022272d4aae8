package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Which repositories of other hosts were seen to have which blobs, as far as that is remembered: the blobs that were
/// noted last. Safe for use by many threads.
final class PushedBlobs {
    private static final int MOST = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Place, Repository> known = new LinkedHashMap<>();

    private record Place(String host, Digest blob) {}

    void note(Repository repository, Collection<Digest> blobs) {
        lock.lock();
        try {
            for (Digest blob : blobs) {
                known.putIfAbsent(new Place(repository.host(), blob), repository);
            }
            while (known.size() > MOST) {
                known.remove(known.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    /// A repository beside `repository`, on the same host, that had the blob.
    Optional<Repository> beside(Repository repository, Digest blob) {
        lock.lock();
        try {
            return Optional.ofNullable(known.get(new Place(repository.host(), blob)))
                    .filter(other -> !other.equals(repository));
        } finally {
            lock.unlock();
        }
    }
}
