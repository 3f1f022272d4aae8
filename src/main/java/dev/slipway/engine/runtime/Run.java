package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.cgroup.Placement;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.ContainerState.Paused.Cause;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// One attempt of one container, in memory.
///
/// Thread-safe. Who changes what the attempt does, or notes what it did, holds [#transition] meanwhile, so that a
/// container that ends while it is being started or frozen is seen to do one after the other. Who counts on its going
/// on as it is for a moment holds [#presence]; many may.
///
/// ```
/// (nothing) -> Created -> Running <-> Paused -> Exited, Lost
/// ```
final class Run {
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(10);

    private final ContainerName container;
    private final int number;
    private final ContainerId id;
    private final Digest image;
    private final Map<String, Digest> mounted;
    private final String fingerprint;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    /// Guards what follows; nothing slow is done under it.
    private final ReentrantLock facts = new ReentrantLock();

    private final Condition changed = facts.newCondition();

    private @Nullable ContainerState state;
    /// By [System#nanoTime]; null as long as nobody has asked it to end.
    private @Nullable Long killAtNanos;

    /// @param mounted images that it mounts, by where it does
    Run(
            ContainerName container,
            int number,
            ContainerId id,
            Digest image,
            Map<String, Digest> mounted,
            String fingerprint) {
        this.container = container;
        this.number = number;
        this.id = id;
        this.image = image;
        this.mounted = Map.copyOf(mounted);
        this.fingerprint = fingerprint;
    }

    static Run of(ContainerRequest request, ContainerId id) {
        return new Run(
                request.container(),
                request.attempt(),
                id,
                request.image().digest(),
                request.mounted(),
                request.fingerprint());
    }

    ContainerName container() {
        return container;
    }

    int number() {
        return number;
    }

    ContainerId id() {
        return id;
    }

    Digest image() {
        return image;
    }

    Map<String, Digest> mounted() {
        return mounted;
    }

    String fingerprint() {
        return fingerprint;
    }

    Lock transition() {
        return lock.writeLock();
    }

    Lock presence() {
        return lock.readLock();
    }

    CgroupName cgroup() {
        return cgroup(container, number);
    }

    static CgroupName cgroup(ContainerName container, int number) {
        return CgroupName.of(container.pod(), container.name() + "." + number);
    }

    /// Where another process of it goes.
    CgroupPlacement placement(Cgroups cgroups) throws IOException {
        Placement own = cgroups.find(cgroup());
        Placement placement =
                state().orElse(null) instanceof ContainerState.Running running ? own.beside(running.pid()) : own;
        return new CgroupPlacement(placement.unified(), placement.classic());
    }

    /// Empty while it is being created or started.
    Optional<ContainerState> state() {
        facts.lock();
        try {
            return Optional.ofNullable(state);
        } finally {
            facts.unlock();
        }
    }

    boolean isAlive() {
        return state().filter(ContainerState::isAlive).isPresent();
    }

    void become(ContainerState next) {
        facts.lock();
        try {
            state = next;
            changed.signalAll();
        } finally {
            facts.unlock();
        }
    }

    /// Freezes all its processes if it runs; if they are frozen already, and it is asked for, that lasts.
    ///
    /// @return whether they are frozen by this
    boolean freeze(Cgroups cgroups, Cause cause) throws IOException {
        transition().lock();
        try {
            if (state().orElse(null) instanceof ContainerState.Running running) {
                cgroups.freeze(cgroup(), FREEZE_LIMIT);
                become(new ContainerState.Paused(running.pid(), running.startedAt(), cause));
                return true;
            }
            if (cause == Cause.ASKED) {
                paused().ifPresent(paused -> become(paused.by(cause)));
            }
            return false;
        } finally {
            transition().unlock();
        }
    }

    void thaw(Cgroups cgroups) throws IOException {
        transition().lock();
        try {
            if (paused().isPresent()) {
                ContainerState.Paused paused = paused().get();
                cgroups.thaw(cgroup());
                become(new ContainerState.Running(paused.pid(), paused.startedAt()));
            }
        } finally {
            transition().unlock();
        }
    }

    /// Nobody asks any more for its being frozen, but who holds it.
    void hold() {
        paused().ifPresent(paused -> become(paused.by(Cause.HELD)));
    }

    /// Nobody holds it any more; what somebody has asked for stays.
    void letGo(Cgroups cgroups) throws IOException {
        transition().lock();
        try {
            Optional<ContainerState.Paused> held = paused().filter(ContainerState.Paused::isHeld);
            if (held.isPresent()) {
                // If it fails somebody else has to resume it.
                become(held.get().by(Cause.ASKED));
                thaw(cgroups);
            }
        } finally {
            transition().unlock();
        }
    }

    private Optional<ContainerState.Paused> paused() {
        return state().filter(ContainerState.Paused.class::isInstance).map(ContainerState.Paused.class::cast);
    }

    /// What others may see of it.
    Optional<Attempt> attempt() {
        return state().map(known -> new Attempt(container, number, id.value(), image, mounted, fingerprint, known));
    }

    /// Waits until it does not run.
    ///
    /// @return false if it still does after `limit`
    boolean awaitEnd(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        facts.lock();
        try {
            while (isAlive() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !isAlive();
        } finally {
            facts.unlock();
        }
    }

    /// It shall be killed after `grace`, or when it was to be killed before if that is sooner.
    ///
    /// @param watch has somebody see to it, which is needed once; if it fails, nobody has asked
    void endWithin(Duration grace, Runnable watch) {
        long deadline = System.nanoTime() + grace.toNanos();
        facts.lock();
        try {
            if (killAtNanos == null) {
                watch.run();
            }
            if (killAtNanos == null || deadline - killAtNanos < 0) {
                killAtNanos = deadline;
            }
            changed.signalAll();
        } finally {
            facts.unlock();
        }
    }

    /// Waits until it has ended or its grace is over.
    ///
    /// @return true if it still runs
    boolean awaitGrace() throws InterruptedException {
        facts.lock();
        try {
            while (isAlive() && killAtNanos != null && killAtNanos - System.nanoTime() > 0) {
                changed.awaitNanos(killAtNanos - System.nanoTime());
            }
            return isAlive();
        } finally {
            facts.unlock();
        }
    }

    @Override
    public String toString() {
        return "%s.%d".formatted(container, number);
    }
}
