package dev.slipway.actor.pod;

import dev.slipway.desired.meta.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What is to be done about a pod now, and what becomes of each container.
///
/// @param verdicts by container
record Decision(List<PodAction> actions, Map<String, Verdict> verdicts) {
    Decision {
        actions = List.copyOf(actions);
        verdicts = Map.copyOf(verdicts);
    }

    /// What becomes of one container.
    sealed interface Verdict {
        /// It stays as it is until something happens.
        record Stays() implements Verdict {}

        /// It goes on as it is: what it shall become is not here yet.
        record Holds(Waiting waiting) implements Verdict {}

        /// It goes on with other resources.
        record Resizes() implements Verdict {}

        /// It gets a process now.
        record Starts() implements Verdict {}

        /// It shall have a process, but not now.
        ///
        /// @param until empty when something will happen first
        record Waits(Waiting waiting, Optional<Instant> until) implements Verdict {}

        /// It has run, and will not again.
        record IsOver() implements Verdict {}
    }

    /// When to decide again although nothing happened.
    Optional<Instant> next() {
        return verdicts.values().stream()
                .flatMap(verdict -> verdict instanceof Verdict.Waits waits ? waits.until().stream() : Stream.empty())
                .min(Instant::compareTo);
    }

    /// Why a container has no process yet, as `state.waiting` says it.
    ///
    /// @param message for people, may be empty
    record Waiting(String reason, String message) {
        static Waiting of(Reason reason, String message) {
            return new Waiting(reason.toString(), message);
        }

        /// Whether no other try helps.
        boolean isLasting() {
            return reason.equals(Reason.IDMAP_NOT_SUPPORTED.toString());
        }

        /// Whether nothing is waited for: it could not be started, and that was its end.
        boolean isEnd() {
            return reason.equals(Reason.START_ERROR.toString());
        }

        /// On its way, nothing wrong.
        static Waiting usual(WantedPod pod) {
            boolean initializes = pod.containers().stream()
                    .anyMatch(each ->
                            each.role() == WantedContainer.Role.INIT || each.role() == WantedContainer.Role.SIDECAR);
            return of(initializes ? Reason.POD_INITIALIZING : Reason.CONTAINER_CREATING, "");
        }
    }
}
