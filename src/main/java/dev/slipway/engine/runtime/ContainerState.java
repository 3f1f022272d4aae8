package dev.slipway.engine.runtime;

import java.time.Instant;
import java.util.OptionalInt;

/// What one attempt of a container is doing, as the kernel says.
public sealed interface ContainerState {
    /// Layer and volumes exist, no process yet: `docker create`.
    record Created() implements ContainerState {}

    /// @param pid of its first process, on the host
    record Running(int pid, Instant startedAt) implements ContainerState {}

    /// All its processes are frozen.
    record Paused(int pid, Instant startedAt, Cause cause) implements ContainerState {
        /// It was asked for, and lasts until somebody resumes it.
        public enum Cause {
            ASKED,
            /// What it writes is being copied: it goes on by itself.
            HELD
        }

        public boolean isHeld() {
            return cause == Cause.HELD;
        }

        Paused by(Cause other) {
            return new Paused(pid, startedAt, other);
        }
    }

    /// @param exitCode 0 to 255; 128 + `signal` when a signal ended it
    /// @param signal that ended it, or 0
    /// @param oomKilled the kernel killed one of its processes for memory
    record Exited(int exitCode, int signal, boolean oomKilled, Instant startedAt, Instant finishedAt)
            implements ContainerState {}

    /// Its monitor vanished without a record (killed from outside, or the host went down): how it ended is not
    /// known. Kubernetes calls this `ContainerStatusUnknown`, exit code 137.
    record Lost(Instant noticedAt) implements ContainerState {}

    default boolean isAlive() {
        return process().isPresent();
    }

    /// The number of its first process, on the host; empty when it has none.
    default OptionalInt process() {
        return switch (this) {
            case Running running -> OptionalInt.of(running.pid());
            case Paused paused -> OptionalInt.of(paused.pid());
            case Created created -> OptionalInt.empty();
            case Exited exited -> OptionalInt.empty();
            case Lost lost -> OptionalInt.empty();
        };
    }
}
