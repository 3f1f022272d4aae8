package dev.slipway.actor.image;

import dev.slipway.desired.model.ImageStatus;
import dev.slipway.desired.reconcile.Pace;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Measures how far the pull of one image is, and tells at most three times a second that it has moved. Safe for use by
/// many threads.
final class PullMeter implements PullProgress {
    private final Pace pace;
    private final ReentrantLock lock = new ReentrantLock();
    private final long startNanos = System.nanoTime();
    private final Map<Digest, Standing> layers = new HashMap<>();
    private int layersTotal;
    private long bytesTotal;

    private record Standing(Phase phase, long doneBytes) {}

    PullMeter(Runnable moved, Schedule schedule) {
        this.pace = new Pace(Duration.ofMillis(333), schedule, moved);
    }

    @Override
    public void resolved(Digest manifest, List<Descriptor> all) {
        lock.lock();
        try {
            layersTotal = (int) all.stream().map(Descriptor::digest).distinct().count();
            bytesTotal =
                    all.stream().distinct().mapToLong(Descriptor::sizeBytes).sum();
        } finally {
            lock.unlock();
        }
        pace.happened();
    }

    @Override
    public void layer(Digest layer, Phase phase, long doneBytes) {
        lock.lock();
        try {
            layers.put(layer, new Standing(phase, doneBytes));
        } finally {
            lock.unlock();
        }
        pace.happened();
    }

    /// How far it is now.
    ImageStatus.Progress progress() {
        lock.lock();
        try {
            long bytesDone =
                    layers.values().stream().mapToLong(Standing::doneBytes).sum();
            int layersDone = (int) layers.values().stream()
                    .filter(layer -> layer.phase() == Phase.DONE)
                    .count();
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            return new ImageStatus.Progress(phase(), layersDone, layersTotal, bytesDone, bytesTotal, (long)
                    (bytesDone / Math.max(seconds, 0.001)));
        } finally {
            lock.unlock();
        }
    }

    /// Called under the lock.
    private String phase() {
        if (layersTotal == 0) {
            return "Resolving";
        }
        boolean downloading = layers.size() < layersTotal
                || layers.values().stream()
                        .anyMatch(layer -> layer.phase() == Phase.WAITING || layer.phase() == Phase.DOWNLOADING);
        return downloading ? "Downloading" : "Unpacking";
    }

    /// The meters of the pulls that run, one for each name, however many pull it. Safe for use by many threads.
    static final class Meters {
        private final Consumer<Reference> moved;
        private final Schedule schedule;
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<Reference, Shared> running = new HashMap<>();

        /// @param moved called with a name whose pull has gone on
        Meters(Consumer<Reference> moved, Schedule schedule) {
            this.moved = moved;
            this.schedule = schedule;
        }

        private record Shared(PullMeter meter, int users) {}

        /// One pull's part in a meter. Closed when the pull has ended.
        record Part(PullMeter meter, Runnable end) implements AutoCloseable {
            @Override
            public void close() {
                end.run();
            }
        }

        Part open(Reference name) {
            lock.lock();
            try {
                Shared shared = running.getOrDefault(name, new Shared(new PullMeter(() -> tell(name), schedule), 0));
                running.put(name, new Shared(shared.meter(), shared.users() + 1));
                return new Part(shared.meter(), () -> leave(name));
            } finally {
                lock.unlock();
            }
        }

        /// A pace tells late: of a pull that has ended there is nothing to tell, and perhaps nobody to tell of.
        private void tell(Reference name) {
            if (find(name).isPresent()) {
                moved.accept(name);
            }
        }

        /// The meter of the pull that runs, if one does.
        Optional<PullMeter> find(Reference name) {
            lock.lock();
            try {
                return Optional.ofNullable(running.get(name)).map(Shared::meter);
            } finally {
                lock.unlock();
            }
        }

        private void leave(Reference name) {
            lock.lock();
            try {
                running.computeIfPresent(
                        name,
                        (same, shared) -> shared.users() == 1 ? null : new Shared(shared.meter(), shared.users() - 1));
            } finally {
                lock.unlock();
            }
        }
    }
}
