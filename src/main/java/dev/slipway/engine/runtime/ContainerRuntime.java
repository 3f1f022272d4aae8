package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupUsage;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Pods as the kernel has them.
///
/// Words: a *sandbox* is what the containers of a pod share: network namespace and address, ipc namespace, cgroup,
/// volumes, directory of logs. A *container* has a name in its pod and a number of the *attempt*; a restart is the next
/// attempt. Its *state* is what the kernel and the exit record say, never what somebody wished.
///
/// Life: [#recover] once at start finds what an earlier engine left, then [#retain] removes what belongs to pods that
/// were deleted meanwhile; [#ensureSandbox] makes the sandbox of a pod; [#start] starts an attempt; [#stop], [#pause],
/// [#resume] act on what runs; [#remove] forgets an attempt that has ended; [#removePod] ends whatever is left and
/// leaves nothing behind.
///
/// Every change that nobody here asked for (an exit, a kill from outside) reaches the listener as the pod's uid.
/// Thread-safe; calls for one pod come from its one worker, calls for different pods run side by side.
public interface ContainerRuntime {
    /// Called with the uid of each pod whose state may have changed; must return at once.
    void listen(Consumer<PodUid> changed);

    /// Finds the pods that an earlier engine left, reconnects to what runs, and removes half-done starts. What is
    /// on disk (kept layers, empty directories, logs) stays: whether it is still wanted only the store knows.
    List<PodState> recover() throws IOException;

    /// Removes everything of pods that are not in `existing`, as [#removePod] does: they were deleted while no
    /// engine ran. Called once, after [#recover] and before anything is started, with every pod that the store has.
    void retain(Set<PodUid> existing) throws IOException, InterruptedException;

    /// All pods that have a sandbox or a container. From memory.
    List<PodState> list();

    /// One pod. From memory.
    Optional<PodState> find(PodUid pod);

    /// Makes the sandbox, or the parts of it that are missing; refreshes projected files that changed.
    SandboxOutcome ensureSandbox(SandboxRequest request) throws InterruptedException;

    /// Starts one attempt of one container; returns when its program has been executed or a step was refused, in
    /// which case nothing of the attempt is left.
    StartOutcome start(ContainerRequest request) throws InterruptedException;

    /// Makes what [#start] would need (writable layer, anonymous volumes) and starts nothing: `docker create`. A
    /// later [#start] of the same attempt uses it.
    StartOutcome create(ContainerRequest request) throws InterruptedException;

    /// Asks a running or paused attempt to end: `signal` now, SIGKILL to all its processes after `grace`. Returns
    /// at once; asking again with a shorter grace shortens it. The end arrives through the listener.
    void stop(ContainerName container, int signal, Duration grace) throws IOException;

    /// Freezes every process of a running container; returns when they are frozen.
    void pause(ContainerName container) throws IOException;

    /// Lets a frozen container go on.
    void resume(ContainerName container) throws IOException;

    /// Does `work` while all containers of some pods are frozen, and none of theirs starts. Those that were frozen
    /// before, or are paused meanwhile, stay so afterwards. One such work at a time.
    ///
    /// @param frozen the pods; asked more than once, because there may be further ones
    /// @throws IOException also when a container could not be kept frozen, or the runtime was closed meanwhile
    void whileFrozen(Predicate<PodUid> frozen, FrozenWork work) throws IOException;

    /// What is done while containers are frozen.
    @FunctionalInterface
    interface FrozenWork {
        void run() throws IOException;
    }

    /// Starts one more process in a running container: with the user, rights, environment, directory, cgroup and
    /// namespaces of its first. It ends with the container, with the engine, and when what is returned is closed.
    ///
    /// @throws IOException when the host could not
    ExecResult exec(ContainerName container, Command command) throws IOException, InterruptedException;

    /// Changes the limits of a running container in place.
    void update(ContainerName container, Resources resources) throws IOException;

    /// Forgets an attempt that has ended: its writable layer (unless kept for the pod's life), run directory,
    /// cgroup. Its log stays until a later attempt is removed, or the pod.
    void remove(ContainerName container, int attempt) throws IOException;

    /// Kills what still runs, then removes containers, kept layers, network, ephemeral volumes, cgroups, logs.
    /// Managed volumes stay. Idempotent.
    void removePod(PodUid pod) throws IOException, InterruptedException;

    /// Waits until an attempt does not run any more, at most for `limit`; its state then, or empty if there is
    /// none.
    Optional<ContainerState> awaitEnd(ContainerName container, int attempt, Duration limit) throws InterruptedException;

    /// The directory that holds what an attempt has written to its root, as overlayfs marks it, until the attempt
    /// is removed; empty for attempts that share a layer.
    Optional<Path> written(ContainerName container, int attempt);

    /// As [#written], for the layer that all attempts of a container share, until the pod is removed.
    Optional<Path> kept(ContainerName container);

    /// The log of an attempt, in CRI format; rotated files stand beside it with `.1` and so on.
    Path log(ContainerName container, int attempt);

    /// What a running container uses now.
    Optional<CgroupUsage> usage(ContainerName container) throws IOException;

    /// What a pod has written to disk. Looks at each of its files, which takes its time where there are many.
    StorageUsage storage(PodUid pod) throws IOException;

    /// What is free on the file system that pods write to.
    long freeStorageBytes() throws IOException;

    /// How many attempts are in which state. From memory.
    Counts counts();

    /// How many attempts of containers are in which state.
    record Counts(int created, int running, int paused, int exited, int lost) {
        static Counts of(Collection<ContainerState> states) {
            int created = 0;
            int running = 0;
            int paused = 0;
            int exited = 0;
            int lost = 0;
            for (ContainerState state : states) {
                switch (state) {
                    case ContainerState.Created each -> created++;
                    case ContainerState.Running each -> running++;
                    case ContainerState.Paused each -> paused++;
                    case ContainerState.Exited each -> exited++;
                    case ContainerState.Lost each -> lost++;
                }
            }
            return new Counts(created, running, paused, exited, lost);
        }
    }
}
