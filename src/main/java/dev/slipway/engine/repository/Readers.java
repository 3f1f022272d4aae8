package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Who is fetching what: a manifest first, then what it needs, one blob after the other. Safe for use by many threads.
public final class Readers {
    /// Who asks for nothing for so long has ended.
    static final Duration SILENCE = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Read, Session> sessions = new HashMap<>();

    Readers(InstantSource clock) {
        this.clock = clock;
    }

    private record Read(Repository repository, Digest manifest) {}

    /// Of all who fetch one manifest.
    private static final class Session {
        private final Set<Digest> blobs;
        private int open;
        private Instant last = Instant.EPOCH;

        private Session(Set<Digest> blobs) {
            this.blobs = blobs;
        }

        private boolean isOver(Instant now) {
            return open == 0 && !now.isBefore(last.plus(SILENCE));
        }
    }

    /// Somebody asks for a manifest, which is there.
    void begin(Repository repository, StoredManifest manifest) {
        lock.lock();
        try {
            sessions.computeIfAbsent(new Read(repository, manifest.digest()), read -> new Session(manifest.blobs()))
                            .last =
                    clock.instant();
        } finally {
            lock.unlock();
        }
    }

    /// A blob is sent to whoever fetches a manifest that needs it, until closed.
    public Repositories.Hold send(Repository repository, Digest blob) {
        lock.lock();
        try {
            List<Session> meant = sessions.entrySet().stream()
                    .filter(entry -> entry.getKey().repository().equals(repository))
                    .map(Map.Entry::getValue)
                    .filter(session -> session.blobs.contains(blob))
                    .toList();
            meant.forEach(session -> session.open++);
            return () -> sent(meant);
        } finally {
            lock.unlock();
        }
    }

    private void sent(List<Session> meant) {
        lock.lock();
        try {
            meant.forEach(session -> {
                session.open--;
                session.last = clock.instant();
            });
        } finally {
            lock.unlock();
        }
    }

    /// The manifests of a repository that somebody is fetching.
    Set<Digest> manifests(Repository repository) {
        Instant now = clock.instant();
        Set<Digest> manifests = new HashSet<>();
        lock.lock();
        try {
            sessions.values().removeIf(session -> session.isOver(now));
            sessions.keySet().stream()
                    .filter(read -> read.repository().equals(repository))
                    .forEach(read -> manifests.add(read.manifest()));
        } finally {
            lock.unlock();
        }
        return manifests;
    }
}
