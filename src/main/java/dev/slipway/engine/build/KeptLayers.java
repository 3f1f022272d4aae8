package dev.slipway.engine.build;

import dev.slipway.engine.image.Images;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// Layers of builds that no image has (those of stages that were only copied from, and those before a step that
/// failed), kept so that the next try does not make them again: for each build those of its last try. In memory: the
/// next engine sweeps what no image has. Safe for use by many threads.
final class KeptLayers {
    private static final Logger LOG = Logger.getLogger(KeptLayers.class);

    private final Images images;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Try> tries = new HashMap<>();

    KeptLayers(Images images) {
        this.images = images;
    }

    /// @param before what the last try used
    /// @param now what the one that runs uses
    private record Try(Set<StepCache.KnownLayer> before, Set<StepCache.KnownLayer> now) {}

    /// A try begins.
    void begin(String build) {
        lock.lock();
        try {
            Try last = tries.getOrDefault(build, new Try(Set.of(), Set.of()));
            Set<StepCache.KnownLayer> all = new HashSet<>(last.before());
            all.addAll(last.now());
            tries.put(build, new Try(all, new HashSet<>()));
        } finally {
            lock.unlock();
        }
    }

    /// Nobody removes `layer` until the next try of `build` has ended without using it.
    void use(String build, StepCache.KnownLayer layer) {
        lock.lock();
        try {
            Try current = tries.get(build);
            if (current != null) {
                current.now().add(layer);
            }
        } finally {
            lock.unlock();
        }
    }

    /// The try has ended: what only the one before it used goes.
    void end(String build) {
        lock.lock();
        try {
            Try ended = tries.get(build);
            if (ended != null) {
                tries.put(build, new Try(Set.of(), ended.now()));
                drop(ended.before());
            }
        } finally {
            lock.unlock();
        }
    }

    /// There will be no further try.
    void forget(String build) {
        lock.lock();
        try {
            Try last = tries.remove(build);
            if (last != null) {
                drop(last.before());
                drop(last.now());
            }
        } finally {
            lock.unlock();
        }
    }

    /// All that is kept: blobs and layers.
    Set<Digest> all() {
        lock.lock();
        try {
            Set<Digest> all = new HashSet<>();
            for (Try each : tries.values()) {
                all.addAll(digests(each.before()));
                all.addAll(digests(each.now()));
            }
            return all;
        } finally {
            lock.unlock();
        }
    }

    /// Lets go of all that builds have which do not run.
    void forgetAll(Predicate<String> runs) {
        lock.lock();
        try {
            Set.copyOf(tries.keySet()).stream().filter(runs.negate()).forEach(this::forget);
        } finally {
            lock.unlock();
        }
    }

    /// Removes what no try has, as far as no image needs it.
    private void drop(Set<StepCache.KnownLayer> layers) {
        Set<Digest> free = digests(layers);
        for (Try other : tries.values()) {
            free.removeAll(digests(other.before()));
            free.removeAll(digests(other.now()));
        }
        try {
            images.free(free);
        } catch (IOException e) {
            // The next start of the engine sweeps them.
            LOG.warnf("layers of a build stay reason=%s", e.getMessage());
        }
    }

    private static Set<Digest> digests(Set<StepCache.KnownLayer> layers) {
        Set<Digest> digests = new HashSet<>();
        for (StepCache.KnownLayer layer : layers) {
            digests.add(layer.blob().digest());
            digests.add(layer.diffId().digest());
        }
        return digests;
    }
}
