package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.Serving;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// The registries that this host serves, each on a listener of its own.
///
/// ```
/// start -> use(what shall be served) ... use ... -> close
/// ```
///
/// Safe for use by many threads; one lock orders changes.
public final class ServedRegistries implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ServedRegistries.class);
    private static final long TICK_MILLIS = 60_000;
    private static final int SECRET_BYTES = 32;

    /// What they work with.
    ///
    /// @param registry asks others for what is pulled through
    /// @param made whether an object of this host has a name, so that no other registry is asked for it
    /// @param declared whether somebody has declared that an image of this host has a name
    public record Parts(
            Repositories repositories,
            Images images,
            ContentStore content,
            RegistryClient registry,
            Predicate<Reference> made,
            Predicate<Reference> declared) {}

    private final Parts parts;
    private final DistributionServer.Surroundings surroundings;
    private final PullThrough pullThrough;
    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Served> served = new HashMap<>();
    private long timer = -1;

    /// @param mirroredBytes most of what is kept in the stead of other registries
    /// @param workers one thread a task; virtual threads will do
    public ServedRegistries(Parts parts, long mirroredBytes, Executor workers, Clocks clocks, Vertx vertx) {
        this(
                parts,
                new DistributionServer.Surroundings(
                        Limits.STANDARD.withMirroredBytes(mirroredBytes), clocks, workers, vertx));
    }

    ServedRegistries(Parts parts, DistributionServer.Surroundings surroundings) {
        this.parts = parts;
        this.surroundings = surroundings;
        this.pullThrough = new PullThrough(parts, surroundings.workers(), surroundings.limits());
    }

    private record Served(Serving serving, DistributionServer server, Uploads uploads) {}

    /// Begins to clean up after clients.
    public void start() {
        timer = surroundings
                .vertx()
                .setPeriodic(TICK_MILLIS, tick -> surroundings.workers().execute(this::expire));
    }

    /// From now on serves what `wanted` says, and nothing else. What has not changed is not disturbed.
    ///
    /// @param wanted by any key that tells them apart
    /// @return why those that cannot be served are not, by their keys
    public Map<String, String> use(Map<String, Serving> wanted) {
        lock.lock();
        try {
            for (Map.Entry<String, Served> each : List.copyOf(served.entrySet())) {
                if (!each.getValue().serving().equals(wanted.get(each.getKey()))) {
                    served.remove(each.getKey());
                    stop(each.getValue());
                }
            }
            Map<String, String> failures = new LinkedHashMap<>();
            wanted.forEach((key, serving) -> {
                try {
                    if (!served.containsKey(key)) {
                        served.put(key, open(serving));
                    }
                } catch (IOException e) {
                    failures.put(key, String.valueOf(e.getMessage()));
                }
            });
            return failures;
        } finally {
            lock.unlock();
        }
    }

    private Served open(Serving serving) throws IOException {
        View view = View.of(serving, parts);
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        InstantSource wall = surroundings.clocks().wall();
        InstantSource steady = surroundings.clocks().steady();
        AccessControl access = new AccessControl(serving, new AccessTokens(secret, steady), wall);
        Uploads uploads = new Uploads(view, parts.repositories(), parts.content(), steady, surroundings.limits());
        DistributionServer server = new DistributionServer(
                serving,
                new Endpoints(view, access, uploads, new Mirrors(serving.pullThrough(), pullThrough, parts.made())),
                surroundings);
        server.start();
        return new Served(serving, server, uploads);
    }

    /// Gives up connections that ask nothing and uploads that nobody goes on with, and frees blobs that no manifest
    /// came for.
    void expire() {
        List<Served> all;
        lock.lock();
        try {
            all = List.copyOf(served.values());
        } finally {
            lock.unlock();
        }
        all.forEach(each -> {
            each.server().expire();
            each.uploads().expire();
        });
        try {
            parts.images().free(parts.repositories().expire());
        } catch (IOException e) {
            LOG.warnf("blobs not freed reason=\"%s\"", e.getMessage());
        }
    }

    private static void stop(Served gone) {
        gone.server().close();
        gone.uploads().close();
    }

    @Override
    public void close() {
        if (timer >= 0) {
            surroundings.vertx().cancelTimer(timer);
        }
        use(Map.of());
    }
}
