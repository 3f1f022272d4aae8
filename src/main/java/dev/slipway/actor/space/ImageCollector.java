package dev.slipway.actor.space;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.Delays;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Says which Images are to go, every few minutes and when it is asked to look.
///
/// ```
/// look -> pass: space + inventory -> plan -> due ............ ended, ended -> pass: is it enough?
///                                             round of each |== removes ==|
/// ```
///
/// What is due is kept in memory: the next engine makes its own plan. Safe for use by many threads.
public final class ImageCollector implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ImageCollector.class);
    private static final Duration TIDY_PAUSE = Duration.ofDays(1);
    private static final GroupResource NODES = GroupResource.core("nodes");

    private final Tools tools;
    private final Supplier<Inventory> inventory;
    private final Consumer<String> touched;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition nothingDue = lock.newCondition();
    private final Map<String, Removal> due = new TreeMap<>();
    private final Map<String, Collected> collected = new HashMap<>();
    /// Images that were due and stay.
    private final Set<String> spared = new HashSet<>();
    /// Of the pass, of which there is one at a time.
    private @Nullable Pause untilTidied;

    private boolean released;
    private boolean lacksInodes;

    private boolean passing;
    private boolean missed;
    private boolean freed;
    private boolean closed;
    private @Nullable Reason told;
    private Delays.@Nullable Cancellation next;

    /// What it works with.
    ///
    /// @param leftovers what goes before any image does
    /// @param repositories lose what nobody needs before any image goes
    /// @param gauge of the file system that images lie on
    /// @param interval between two passes
    public record Tools(
            ObjectStore store,
            EventRecorder events,
            Schedule schedule,
            CollectionSettings settings,
            Leftovers leftovers,
            RepositoryCollector repositories,
            FileSystemSpace.Gauge gauge,
            Duration interval) {}

    /// What went for one cause since the engine started.
    public record Collected(int images, long bytes) {
        static final Collected NOTHING = new Collected(0, 0);

        Collected and(Removal removal) {
            return new Collected(images + 1, bytes + removal.bytes());
        }
    }

    /// @param touched gives the Image of a name a round
    public ImageCollector(Tools tools, Supplier<Inventory> inventory, Consumer<String> touched) {
        this.tools = tools;
        this.inventory = inventory;
        this.touched = touched;
    }

    /// Begins to look now and then.
    public void start() {
        lock.lock();
        try {
            if (!closed) {
                next = tools.schedule().delays().after(tools.interval(), this::lookAndGoOn);
            }
        } finally {
            lock.unlock();
        }
    }

    private void lookAndGoOn() {
        look();
        start();
    }

    /// Something may have to go: looks, aside.
    public void look() {
        lock.lock();
        try {
            if (passing) {
                missed = true;
            } else if (!closed) {
                passing = true;
                tools.schedule().workers().execute(this::passes);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Whether an Image is to go, and why.
    public Optional<Removal> due(String image) {
        lock.lock();
        try {
            return Optional.ofNullable(due.get(image));
        } finally {
            lock.unlock();
        }
    }

    /// An Image that was due has gone.
    public void removed(Removal removal) {
        ended(removal, true);
    }

    /// An Image that was due stays, because somebody needs it again, or because it could not be removed now.
    public void spared(Removal removal) {
        ended(removal, false);
    }

    /// The removals that there would be if somebody asked for all of them.
    public CollectionPlan wouldGo() {
        return CollectionPlanner.planAll(
                inventory.get(), tools.schedule().clock().instant());
    }

    /// What repositories of this host need and nobody needs of them.
    Set<Digest> unusedInRepositories() throws IOException {
        return tools.repositories().parts();
    }

    /// Makes due all that may go.
    public CollectionPlan removeAll() {
        CollectionPlan plan = wouldGo();
        begin(plan.removals());
        return plan;
    }

    /// Waits until nothing is due any more.
    ///
    /// @throws IOException when that takes longer than `limit`
    void awaitEnd(Duration limit) throws IOException, InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (!due.isEmpty()) {
                if (left <= 0) {
                    throw new IOException("remove images: %d of them are not gone yet".formatted(due.size()));
                }
                left = nothingDue.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Those of `ended` removals whose images have gone.
    List<Removal> gone(List<Removal> ended) {
        lock.lock();
        try {
            return ended.stream()
                    .filter(removal -> !spared.contains(removal.image()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /// What went since the engine started, by the word of its cause.
    public Map<String, Collected> collected() {
        lock.lock();
        try {
            return Map.copyOf(collected);
        } finally {
            lock.unlock();
        }
    }

    public CollectionSettings settings() {
        return tools.settings();
    }

    public FileSystemSpace space() throws IOException {
        return tools.gauge().read();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (next != null) {
                next.cancel();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The root of a task: no failure may end the looking.
    private void passes() {
        do {
            try {
                pass();
            } catch (IOException | RuntimeException e) {
                LOG.warnf("images not collected reason=\"%s\"", e.getMessage());
                tell(Reason.IMAGE_GC_FAILED, "Failed to look for images to remove: " + e.getMessage());
            }
        } while (isAskedAgain());
    }

    private boolean isAskedAgain() {
        lock.lock();
        try {
            passing = missed && !closed;
            missed = false;
            return passing;
        } finally {
            lock.unlock();
        }
    }

    private void pass() throws IOException {
        Instant now = tools.schedule().clock().instant();
        List<IOException> failures = new ArrayList<>();
        if (untilTidied == null || untilTidied.isOver(now)) {
            attempt(() -> tidy(now), failures);
        }
        Shortage shortage = shortage();
        if (shortage.isThere() && !released) {
            attempt(this::release, failures);
            shortage = shortage();
        }
        attempt(() -> tools.repositories().removeOld(tools.settings()), failures);
        if (shortage.isThere()) {
            attempt(() -> tools.repositories().free(tools.settings(), tools.gauge()), failures);
            shortage = shortage();
        }
        CollectionPlan plan = CollectionPlanner.plan(inventory.get(), shortage, tools.settings(), now);
        begin(plan.removals());
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        if (plan.removals().isEmpty() && plan.isTooLittle()) {
            failed(shortage);
        } else if (!shortage.isThere()) {
            relieved();
        }
    }

    private Shortage shortage() throws IOException {
        Shortage shortage = Shortage.of(space(), tools.settings(), lacksInodes);
        lacksInodes = shortage.isOfInodes();
        return shortage;
    }

    private interface Step {
        void run() throws IOException;
    }

    /// Images go also where their leftovers could not be looked through; those are tried again with the next pass.
    private static void attempt(Step step, List<IOException> failures) {
        try {
            step.run();
        } catch (IOException e) {
            failures.add(e);
        }
    }

    private void tidy(Instant now) throws IOException {
        Duration oldest = tools.settings().maximumAge();
        tools.leftovers().tidy(oldest.isZero() ? Instant.EPOCH : now.minus(oldest));
        untilTidied = Pause.of(now, TIDY_PAUSE);
    }

    private void release() throws IOException {
        tools.leftovers().release();
        released = true;
    }

    private void begin(List<Removal> removals) {
        lock.lock();
        try {
            for (Removal removal : removals) {
                due.put(removal.image(), removal);
                spared.remove(removal.image());
            }
        } finally {
            lock.unlock();
        }
        removals.forEach(removal -> touched.accept(removal.image()));
    }

    private void ended(Removal removal, boolean hasGone) {
        boolean isEnough;
        lock.lock();
        try {
            if (!due.remove(removal.image(), removal)) {
                return;
            }
            if (hasGone) {
                collected.merge(
                        removal.cause().word(), Collected.NOTHING.and(removal), (before, one) -> before.and(removal));
            } else {
                spared.add(removal.image());
            }
            freed |= hasGone;
            isEnough = !due.isEmpty() || !freed;
            freed &= isEnough;
            if (due.isEmpty()) {
                nothingDue.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (!isEnough) {
            look();
        }
    }

    private void failed(Shortage shortage) {
        FileSystemSpace space = shortage.space();
        int most = tools.settings().highThresholdPercent();
        String words = shortage.wantedBytes() > 0
                ? "%d %% of the file system of images are in use, which may be %d %%; to get below %d %%, %d bytes would have to be freed"
                        .formatted(
                                space.usedPercent(),
                                most,
                                tools.settings().lowThresholdPercent(),
                                shortage.wantedBytes())
                : "%d %% of the inodes of the file system of images are in use, which may be %d %%"
                        .formatted(space.inodes().usedPercent(), most);
        tell(Reason.FREE_DISK_SPACE_FAILED, words + ", and no image may be removed: all are needed, kept or too young");
    }

    private void relieved() {
        released = false;
        lock.lock();
        try {
            told = null;
        } finally {
            lock.unlock();
        }
    }

    /// Once, until it is over.
    private void tell(Reason reason, String words) {
        lock.lock();
        try {
            if (reason == told) {
                return;
            }
            told = reason;
        } finally {
            lock.unlock();
        }
        LOG.warnf("disk space not freed reason=%s: %s", reason, words);
        for (ApiObject node : tools.store().list(NODES, "").items()) {
            tools.events().warning(Involved.of(node), reason, words);
        }
    }
}
