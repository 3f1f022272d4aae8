package dev.slipway.actor.tag;

import dev.slipway.desired.model.TagStatus;
import dev.slipway.desired.reconcile.Pace;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.BlobPush;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Measures how far one push is, and tells at most three times a second that it has moved. Safe for use by many
/// threads.
final class PushMeter implements ImagePusher.Progress {
    private final Pace pace;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Digest, Long> doneBytes = new HashMap<>();
    private int blobsDone;
    private int blobsTotal;
    private long bytesTotal;
    private long beginNanos;

    PushMeter(Runnable moved, Schedule schedule) {
        this.pace = new Pace(Duration.ofMillis(333), schedule, moved);
    }

    /// Also when it begins anew, with less.
    @Override
    public void begun(List<Descriptor> blobs) {
        lock.lock();
        try {
            doneBytes.clear();
            blobsDone = 0;
            blobsTotal = blobs.size();
            bytesTotal = blobs.stream().mapToLong(Descriptor::sizeBytes).sum();
            beginNanos = System.nanoTime();
        } finally {
            lock.unlock();
        }
        pace.happened();
    }

    @Override
    public void moved(Descriptor blob, long bytes) {
        lock.lock();
        try {
            doneBytes.put(blob.digest(), bytes);
        } finally {
            lock.unlock();
        }
        pace.happened();
    }

    @Override
    public void sent(Descriptor blob, BlobPush.Sent how) {
        lock.lock();
        try {
            blobsDone++;
        } finally {
            lock.unlock();
        }
        pace.happened();
    }

    /// How far it is now; empty while nobody knows how much there is.
    Optional<TagStatus.Progress> progress() {
        lock.lock();
        try {
            if (blobsTotal == 0) {
                return Optional.empty();
            }
            long bytesDone =
                    doneBytes.values().stream().mapToLong(Long::longValue).sum();
            double seconds = (System.nanoTime() - beginNanos) / 1e9;
            return Optional.of(new TagStatus.Progress(
                    blobsDone, blobsTotal, bytesDone, bytesTotal, (long) (bytesDone / Math.max(seconds, 0.001))));
        } finally {
            lock.unlock();
        }
    }
}
