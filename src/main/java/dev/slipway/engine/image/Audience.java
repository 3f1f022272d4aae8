package dev.slipway.engine.image;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Everybody who listens to one flight. Who comes late hears first how things stand. Safe for use by many threads: one
/// event at a time is told to all.
final class Audience implements PullProgress {
    private record Resolved(Digest manifest, List<Descriptor> layers) {}

    private record Standing(Phase phase, long doneBytes) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final List<PullProgress> listeners = new ArrayList<>();
    private final Map<Digest, Standing> standings = new LinkedHashMap<>();
    private @Nullable Resolved resolved;

    void add(PullProgress listener) {
        locked(() -> {
            listeners.add(listener);
            if (resolved != null) {
                listener.resolved(resolved.manifest(), resolved.layers());
            }
            standings.forEach((layer, now) -> listener.layer(layer, now.phase(), now.doneBytes()));
        });
    }

    void remove(PullProgress listener) {
        locked(() -> listeners.remove(listener));
    }

    @Override
    public void resolved(Digest manifest, List<Descriptor> layers) {
        locked(() -> {
            resolved = new Resolved(manifest, layers);
            listeners.forEach(listener -> listener.resolved(manifest, layers));
        });
    }

    @Override
    public void layer(Digest layer, Phase phase, long doneBytes) {
        locked(() -> {
            standings.put(layer, new Standing(phase, doneBytes));
            listeners.forEach(listener -> listener.layer(layer, phase, doneBytes));
        });
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }
}
