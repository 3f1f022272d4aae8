package dev.slipway.engine.shim;

import java.time.Instant;

/// How a container's first process ended, as its shim wrote it down.
///
/// @param exitCode 0 to 255; 128 + `signal` when a signal ended it
/// @param signal the signal that ended it, or 0
/// @param logDroppedBytes output that the log could not take
public record ExitRecord(
        int pid, int exitCode, int signal, Instant startedAt, Instant finishedAt, long logDroppedBytes) {}
