package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One pod, in memory. Thread-safe.
final class Pod {
    private final PodUid uid;
    private final List<Run> runs = new ArrayList<>();

    private @Nullable SandboxRecord sandbox;
    private boolean whole;

    Pod(PodUid uid) {
        this.uid = uid;
    }

    PodUid uid() {
        return uid;
    }

    /// What is known of the sandbox, whole or not.
    synchronized Optional<SandboxRecord> knownSandbox() {
        return Optional.ofNullable(sandbox);
    }

    /// The sandbox, if containers can be started in it.
    synchronized Optional<SandboxRecord> sandbox() {
        return whole ? knownSandbox() : Optional.empty();
    }

    /// @param whole nothing of it is missing
    synchronized void know(SandboxRecord record, boolean whole) {
        this.sandbox = record;
        this.whole = whole;
    }

    /// Something of the sandbox has ended, unless `isThere` finds that another one has taken its place.
    ///
    /// @return whether the sandbox is not whole any more
    boolean lose(BooleanSupplier isThere) {
        SandboxRecord before = knownSandbox().orElse(null);
        return !isThere.getAsBoolean() && loseUnlessMade(before);
    }

    /// Who makes a sandbox, and finds it whole, tells of it anew.
    private synchronized boolean loseUnlessMade(@Nullable SandboxRecord before) {
        boolean isSame = sandbox == before;
        whole = whole && !isSame;
        return isSame;
    }

    synchronized List<Run> runs() {
        return List.copyOf(runs);
    }

    synchronized Optional<Run> find(String container, int number) {
        return runs.stream()
                .filter(run -> run.container().name().equals(container) && run.number() == number)
                .findFirst();
    }

    /// The attempt of a container that runs now.
    synchronized Optional<Run> alive(String container) {
        return runs.stream()
                .filter(run -> run.container().name().equals(container) && run.isAlive())
                .findFirst();
    }

    /// Some process of a container that runs.
    synchronized OptionalInt inside() {
        return runs.stream()
                .flatMap(run -> run.state().stream())
                .flatMapToInt(state -> state.process().stream())
                .findFirst();
    }

    synchronized void add(Run run) {
        runs.add(run);
    }

    synchronized void remove(Run run) {
        runs.remove(run);
    }

    synchronized PodState state() {
        return new PodState(
                uid,
                sandbox().map(SandboxRecord::describe),
                runs.stream().flatMap(run -> run.attempt().stream()).toList());
    }

    SocketChannel connect(int port) throws IOException {
        return sandbox()
                .orElseThrow(
                        () -> new IOException("connect to port %d of pod %s: it has no network".formatted(port, uid)))
                .connect(port);
    }

    /// Whether there is anything to tell of it.
    boolean isKnown() {
        PodState state = state();
        return state.sandbox().isPresent() || !state.attempts().isEmpty();
    }

    /// Who uses something.
    ///
    /// @param which of them; asked more than once, because there may be further ones
    /// @param all that there are now
    record Users(Predicate<PodUid> which, Collection<Pod> all) {
        boolean contains(PodUid pod) {
            return which.test(pod);
        }

        /// Also those that are being started.
        List<Run> runs() {
            return all.stream()
                    .filter(pod -> contains(pod.uid()))
                    .flatMap(pod -> pod.runs().stream())
                    .toList();
        }
    }
}
