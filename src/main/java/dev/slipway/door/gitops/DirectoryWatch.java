package dev.slipway.door.gitops;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Tells that something in a tree of directories has changed, once writers have been quiet for 100 ms, or for a second
/// of changes without a pause. It is told at each look which directories make up the tree ([#begin], [#add], [#end]),
/// by one thread; events come on another.
///
/// ```
/// events      | ||  |         |            ||||||||||||||||||||||||||||...
/// told                  100 ms^      100 ms^          1 s ^
/// ```
///
/// The way to the tree is watched as well: the directory that holds it, and each that holds a link on the way to it.
final class DirectoryWatch implements AutoCloseable {
    private static final Duration QUIET = Duration.ofMillis(100);
    private static final Duration LONGEST_BURST = Duration.ofSeconds(1);

    private static final WatchEvent.Kind<?>[] ON_THE_WAY = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE
    };
    private static final WatchEvent.Kind<?>[] IN_TREE = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE
    };

    private final Path directory;
    private final Runnable changed;
    private final WatchService service;
    private final Map<WatchKey, Interest> keys = new ConcurrentHashMap<>();
    private Set<WatchKey> added = new HashSet<>();
    private @Nullable String failure;

    private DirectoryWatch(Path directory, Runnable changed, WatchService service) {
        this.directory = directory;
        this.changed = changed;
        this.service = service;
    }

    /// Which events in a directory matter.
    ///
    /// @param tree whether it is a part of the tree
    /// @param names entries that lie on the way to the tree
    private record Interest(boolean tree, Set<String> names) {
        Interest {
            names = Set.copyOf(names);
        }

        Interest and(Interest other) {
            Set<String> all = new HashSet<>(names);
            all.addAll(other.names);
            return new Interest(tree || other.tree, all);
        }

        /// Writes to files that are no manifests are noise; what comes or goes may be a directory or a link.
        boolean covers(WatchEvent<?> event) {
            if (!(event.context() instanceof Path name)) {
                return true;
            }
            if (names.contains(name.toString())) {
                return true;
            }
            return tree
                    && (event.kind() != StandardWatchEventKinds.ENTRY_MODIFY
                            || DirectoryTree.isManifest(name.toString()));
        }
    }

    /// Starts to listen; nothing is watched before the first look.
    ///
    /// @param changed called on a thread of `workers`, one call at a time
    static DirectoryWatch start(Path directory, Runnable changed, Executor workers) throws IOException {
        DirectoryWatch watch = new DirectoryWatch(
                directory.toAbsolutePath(), changed, FileSystems.getDefault().newWatchService());
        workers.execute(watch::listen);
        return watch;
    }

    /// A look begins: from now on the way to the tree is watched.
    void begin() {
        added = new HashSet<>();
        failure = null;
        Path at = directory.getRoot();
        for (Path name : directory) {
            Path next = at.resolve(name);
            boolean missing = !Files.exists(next, LinkOption.NOFOLLOW_LINKS);
            if (missing || next.equals(directory) || Files.isSymbolicLink(next)) {
                register(at, new Interest(false, Set.of(name.toString())));
            }
            if (missing) {
                return;
            }
            at = next;
        }
    }

    /// A directory of the tree, before its entries are read.
    void add(Path part) {
        register(part, new Interest(true, Set.of()));
    }

    /// The look is over: directories that were not added are no longer watched.
    ///
    /// @throws IOException when some directory could not be watched, so that changes in it would go unnoticed
    void end() throws IOException {
        keys.keySet().removeIf(key -> {
            boolean gone = !added.contains(key);
            if (gone) {
                key.cancel();
            }
            return gone;
        });
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }

    private void register(Path part, Interest interest) {
        try {
            WatchKey key = part.register(service, interest.tree() ? IN_TREE : ON_THE_WAY);
            // What an earlier look wanted to know of a directory is dropped with its first mention in this one.
            keys.merge(key, interest, (known, more) -> added.contains(key) ? known.and(more) : more);
            added.add(key);
        } catch (ClosedWatchServiceException e) {
            failure = "watch " + part + ": closed";
        } catch (IOException e) {
            // A directory that has just gone is noticed by the event of its going.
            failure = Files.isDirectory(part) ? "watch " + part + ": " + e.getMessage() : failure;
        }
    }

    private void listen() {
        try {
            while (true) {
                if (matters(service.take())) {
                    awaitQuiet();
                    changed.run();
                }
            }
        } catch (ClosedWatchServiceException e) {
            // The end of this watch.
            keys.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitQuiet() throws InterruptedException {
        long end = System.nanoTime() + LONGEST_BURST.toNanos();
        long left = QUIET.toNanos();
        while (left > 0) {
            WatchKey key = service.poll(left, TimeUnit.NANOSECONDS);
            if (key == null) {
                return;
            }
            long untilEnd = end - System.nanoTime();
            left = matters(key) ? Math.min(QUIET.toNanos(), untilEnd) : Math.min(left, untilEnd);
        }
    }

    private boolean matters(WatchKey key) {
        Interest interest = keys.get(key);
        boolean matters = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            matters |= event.kind() == StandardWatchEventKinds.OVERFLOW || interest == null || interest.covers(event);
        }
        // A key that cannot be reset belongs to a directory that is gone.
        return !key.reset() && interest != null || matters;
    }
}
