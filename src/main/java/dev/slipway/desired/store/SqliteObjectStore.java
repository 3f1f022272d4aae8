package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.disk.AtomicFile;
import dev.slipway.disk.DirectoryLock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Objects in one SQLite file, with everything current in memory. Thread-safe.
///
/// One thread commits. While it waits for the disk, further writes gather, and the next commit takes them all: a sync
/// is shared by as many writers as came meanwhile.
///
/// ```
/// writer 1   |-- queue --|-- commit (sync) --|- published, returns
/// writer 2        |-- queue -----------------|-- commit (sync) --|- returns
/// writer 3            |-- queue -------------|-- same commit ----|- returns
/// ```
///
/// Nothing is visible to readers and watches before it is durable.
public final class SqliteObjectStore implements ObjectStore {
    private static final int LARGEST_BATCH = 256;

    private final Journal journal;
    private final Contents contents = new Contents();
    private final LinkedBlockingQueue<Order> queue = new LinkedBlockingQueue<>();
    private final Thread committer = Thread.ofPlatform().name("store").daemon().unstarted(this::commitAll);
    private volatile boolean closed;
    private volatile boolean ended;
    private volatile Runnable whenBroken = () -> {};
    private volatile Consumer<Optional<IOException>> whenCommitted = failure -> {};

    private SqliteObjectStore(Journal journal) {
        this.journal = journal;
    }

    /// Opens the store in `directory`, which is made if missing, and is for the engine's user only. Secrets are
    /// encrypted in it, by the keys in a file beside it: `<directory>.key`.
    ///
    /// @throws IOException when another process has it open, or what it holds is damaged
    public static SqliteObjectStore open(Path directory) throws IOException {
        return open(directory, Reservation.NONE);
    }

    /// Opens the store as [#open(Path)] does, with room for what has to be written when the disk is full.
    public static SqliteObjectStore open(Path directory, Reservation reservation) throws IOException {
        makePrivate(directory);
        DirectoryLock lock = DirectoryLock.take(directory);
        try {
            Sealing sealing = new Sealing(directory.toAbsolutePath().resolveSibling(directory.getFileName() + ".key"));
            Database database = Database.open(directory.resolve("objects.db"), sealing);
            try {
                Headroom headroom = new Headroom(directory.resolve("objects.db"), reservation);
                Journal journal = new LockedJournal(database, lock, headroom);
                return over(journal, database.readAll(), database.lastVersion());
            } catch (IOException e) {
                database.close();
                throw e;
            }
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /// A store that begins with `found` and commits to `journal`.
    static SqliteObjectStore over(Journal journal, Collection<Map.Entry<ObjectKey, Stored>> found, long lastVersion) {
        SqliteObjectStore store = new SqliteObjectStore(journal);
        store.contents.load(found, lastVersion);
        store.committer.start();
        return store;
    }

    /// Has `told` run if this breaks down for good, for instance for lack of memory in the midst of a commit: then
    /// nobody knows whether what is in memory is what the file holds, and only another process can.
    public void whenBroken(Runnable told) {
        whenBroken = told;
    }

    /// Has `told` hear after each commit why it failed, or that it did not. It is called by the committing thread.
    void whenCommitted(Consumer<Optional<IOException>> told) {
        whenCommitted = told;
    }

    /// What the committing thread is asked for.
    private sealed interface Order {
        record Commit(Write write) implements Order {}

        /// A commit that changes nothing: can there be one?
        record Trial(CompletableFuture<Boolean> done) implements Order {}

        record End() implements Order {}
    }

    /// Commits without a change, with the writes that come at the same time.
    ///
    /// @return when that has happened, or why it could not
    CompletableFuture<Boolean> trial() {
        Order.Trial trial = new Order.Trial(new CompletableFuture<>());
        queue.add(trial);
        if (ended) {
            refuseQueued();
        }
        return trial.done();
    }

    private static void makePrivate(Path directory) throws IOException {
        boolean missing = !Files.isDirectory(directory);
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Path parent = directory.toAbsolutePath().getParent();
        if (missing && parent != null) {
            AtomicFile.syncDirectory(parent);
        }
    }

    /// The database and the lock that keeps it for this process.
    private record LockedJournal(Database database, DirectoryLock lock, Headroom headroom) implements Journal {
        @Override
        public void commit(List<Change> changes) throws IOException {
            database.commit(changes);
            headroom.committed();
        }

        @Override
        public void close() throws IOException {
            try (lock;
                    headroom) {
                database.close();
            }
        }
    }

    /// Has everything take as little memory as it can until it is read again: for when work is over. Takes about 20
    /// microseconds for each object that was written since the last time.
    public void pack() {
        contents.pack();
    }

    @Override
    public Optional<ApiObject> get(ObjectKey key) {
        return contents.get(key);
    }

    @Override
    public ObjectList list(GroupResource resource, String namespace) {
        return contents.list(resource, namespace);
    }

    @Override
    public long resourceVersion() {
        return contents.version();
    }

    @Override
    public ApiObject create(ObjectKey key, ApiObject object) throws IOException, AlreadyExistsException {
        try {
            return write(key, new Write.Wish.Create(object));
        } catch (ConflictException e) {
            throw new IllegalStateException("a creation has no version to conflict with", e);
        }
    }

    @Override
    public ApiObject update(ObjectKey key, ApiObject object, long expected) throws IOException, ConflictException {
        return writeExisting(key, new Write.Wish.Update(object, expected));
    }

    @Override
    public ApiObject delete(ObjectKey key, long expected) throws IOException, ConflictException {
        return writeExisting(key, new Write.Wish.Delete(expected));
    }

    @Override
    public Watch watch(GroupResource resource, long from, WatchListener listener) throws ExpiredException {
        return contents.watch(key -> key.resource().equals(resource), from, listener);
    }

    @Override
    public Watch watchAll(long from, WatchListener listener) throws ExpiredException {
        return contents.watch(key -> true, from, listener);
    }

    /// Writes that wait for a commit.
    int queued() {
        return queue.size();
    }

    /// Commits what is queued, then ends watches and closes the file.
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            queue.add(new Order.End());
            try {
                committer.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            contents.close();
            journal.close();
        }
    }

    private ApiObject writeExisting(ObjectKey key, Write.Wish wish) throws IOException, ConflictException {
        try {
            return write(key, wish);
        } catch (AlreadyExistsException e) {
            throw new IllegalStateException("only a creation finds its key taken", e);
        }
    }

    private ApiObject write(ObjectKey key, Write.Wish wish)
            throws IOException, ConflictException, AlreadyExistsException {
        if (closed) {
            throw new IOException("write " + key + ": the object store is closed");
        }
        Write write = new Write(key, wish);
        queue.add(new Order.Commit(write));
        if (ended) {
            refuseQueued();
        }
        try {
            return write.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("write " + key + ": interrupted; it may have happened");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ConflictException conflict) {
                throw conflict;
            }
            if (e.getCause() instanceof AlreadyExistsException exists) {
                throw exists;
            }
            if (e.getCause() instanceof RuntimeException bug) {
                throw new IllegalArgumentException("write " + key + ": " + bug.getMessage(), bug);
            }
            throw new IOException("write " + key + ": " + e.getMessage(), e);
        }
    }

    private void commitAll() {
        Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
        boolean isClosed = false;
        try {
            while (true) {
                boolean last = gather(batch);
                if (!batch.isEmpty()) {
                    commit(batch);
                    batch.clear();
                }
                if (last) {
                    isClosed = true;
                    return;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the committing thread", e);
        } finally {
            // However this thread ends, no writer waits for it.
            ended = true;
            batch.failed(new IOException("the object store has stopped"));
            refuseQueued();
            if (!isClosed) {
                whenBroken.run();
            }
        }
    }

    /// Who waits for the same commit.
    private record Batch(List<Write> writes, List<Order.Trial> trials) {
        boolean isEmpty() {
            return writes.isEmpty() && trials.isEmpty();
        }

        int size() {
            return writes.size() + trials.size();
        }

        /// @return whether nothing may come behind it
        boolean add(Order order) {
            switch (order) {
                case Order.Commit commit -> writes.add(commit.write());
                case Order.Trial trial -> trials.add(trial);
                case Order.End end -> {
                    return true;
                }
            }
            return false;
        }

        void committed() {
            writes.forEach(Write::committed);
            trials.forEach(trial -> trial.done().complete(true));
        }

        void failed(IOException why) {
            writes.forEach(write -> write.failed(why));
            trials.forEach(trial -> trial.done().completeExceptionally(why));
        }

        void clear() {
            writes.clear();
            trials.clear();
        }
    }

    private void refuseQueued() {
        Batch refused = new Batch(new ArrayList<>(), new ArrayList<>());
        for (Order next = queue.poll(); next != null; next = queue.poll()) {
            refused.add(next);
        }
        refused.failed(new IOException("the object store is closed"));
    }

    /// Waits for an order and takes those behind it.
    ///
    /// @return true when the store is to close
    private boolean gather(Batch batch) throws InterruptedException {
        for (Order next = queue.take(); next != null; next = batch.size() < LARGEST_BATCH ? queue.poll() : null) {
            if (batch.add(next)) {
                return true;
            }
        }
        return false;
    }

    private void commit(Batch batch) {
        List<Change> changes = decide(batch.writes());
        if (!changes.isEmpty() || !batch.trials().isEmpty()) {
            try {
                journal.commit(changes);
            } catch (IOException e) {
                whenCommitted.accept(Optional.of(e));
                batch.failed(e);
                return;
            }
            whenCommitted.accept(Optional.empty());
            contents.publish(changes);
        }
        batch.committed();
    }

    /// The changes that a batch makes, each seeing those before it.
    private List<Change> decide(List<Write> batch) {
        Map<ObjectKey, Optional<Stored>> pending = new HashMap<>();
        List<Change> changes = new ArrayList<>();
        long version = contents.version();
        for (Write write : batch) {
            Optional<Stored> known = pending.get(write.key());
            @Nullable Stored current = known == null ? contents.find(write.key()) : known.orElse(null);
            Change change = write.decide(current, version + 1);
            if (change != null) {
                version++;
                changes.add(change);
                pending.put(write.key(), change.deleted() ? Optional.empty() : Optional.of(change.after()));
            }
        }
        return changes;
    }
}
