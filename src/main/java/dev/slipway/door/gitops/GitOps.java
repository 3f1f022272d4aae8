package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.ReconcileLoop;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.store.ExpiredException;
import dev.slipway.desired.store.StoreEvent;
import dev.slipway.desired.store.Watch;
import dev.slipway.desired.store.WatchListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps the store equal to directories of manifests, from [#start] to [#close]. Thread-safe.
///
/// Rounds of a source start when its files change, when somebody else changes or deletes what it declares, when a
/// namespace or a kind comes that a declaration may have waited for, and, later and later, when something could not be
/// done. In between nothing happens.
public final class GitOps implements AutoCloseable {
    private static final Set<String> AWAITED = Set.of("namespaces", "customresourcedefinitions");
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LAST_RETRY = Duration.ofMinutes(5);

    private final List<Path> directories;
    private final GitOpsParts parts;
    private final ReconcileLoop loop;
    private final Map<ObjectKey, Source> sources = new LinkedHashMap<>();
    private final List<DirectoryWatch> watches = new ArrayList<>();
    private final Set<ObjectKey> looked = ConcurrentHashMap.newKeySet();
    private final CountDownLatch firstRounds;
    private volatile @Nullable Watch storeWatch;
    private volatile boolean closed;

    /// @param directories each a source of its own; one that does not exist yet is waited for
    public GitOps(List<Path> directories, GitOpsParts parts) {
        this.directories = directories.stream()
                .map(each -> each.toAbsolutePath().normalize())
                .distinct()
                .toList();
        this.parts = parts;
        this.firstRounds = new CountDownLatch(this.directories.size());
        this.loop = new ReconcileLoop(
                "gitops",
                this::round,
                parts.schedule().workers(),
                parts.schedule().delays(),
                new Backoff(FIRST_RETRY, LAST_RETRY, () -> ThreadLocalRandom.current()
                        .nextDouble()));
    }

    /// Starts watching and the first round of each source.
    public void start() throws IOException {
        for (Path directory : directories) {
            ObjectKey key = new SyncRecord(parts.store(), directory).key();
            DirectoryWatch watch = DirectoryWatch.start(
                    directory, () -> loop.touch(key), parts.schedule().workers());
            watches.add(watch);
            sources.put(key, new Source(directory, watch, parts));
        }
        listen();
        sources.keySet().forEach(loop::touch);
    }

    /// Waits until each source has been read and applied once, as far as that is possible.
    ///
    /// @return false when that took longer than `limit`
    public boolean awaitFirstRounds(Duration limit) throws InterruptedException {
        return firstRounds.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// What is wrong with each source now, by its directory; sources without problems are left out.
    public Map<Path, List<SourceProblem>> problems() {
        Map<Path, List<SourceProblem>> problems = new LinkedHashMap<>();
        sources.values().stream()
                .filter(source -> !source.problems().isEmpty())
                .forEach(source -> problems.put(source.directory(), source.problems()));
        return problems;
    }

    /// Waits for rounds that run, and ends watching.
    @Override
    public void close() throws IOException {
        closed = true;
        Watch heard = storeWatch;
        if (heard != null) {
            heard.close();
        }
        loop.close();
        for (DirectoryWatch watch : watches) {
            watch.close();
        }
    }

    private Result round(ObjectKey key) {
        Result result = Optional.ofNullable(sources.get(key)).map(Source::round).orElse(Result.SETTLED);
        if (looked.add(key)) {
            firstRounds.countDown();
        }
        return result;
    }

    /// Hears of every write from now on.
    private void listen() throws IOException {
        try {
            storeWatch = parts.store().watchAll(parts.store().resourceVersion(), new Listener());
        } catch (ExpiredException e) {
            throw new IOException("watch the store from its newest version: " + e.getMessage(), e);
        }
    }

    private void heard(StoreEvent event) {
        boolean awaited = event instanceof StoreEvent.Created
                && AWAITED.contains(event.key().resource().plural());
        for (Source source : sources.values()) {
            if (source.concerns(event) || awaited && !source.problems().isEmpty()) {
                loop.touch(source.key());
            }
        }
    }

    /// Starts anew after a gap: what happened in it is made good by applying everything.
    private void resume() {
        if (closed) {
            return;
        }
        try {
            listen();
            sources.values().forEach(Source::forget);
            sources.keySet().forEach(loop::touch);
        } catch (IOException e) {
            throw new IllegalStateException("the newest version never expires", e);
        }
    }

    private final class Listener implements WatchListener {
        @Override
        public void happened(StoreEvent event) {
            heard(event);
        }

        @Override
        public void ended() {
            resume();
        }
    }
}
