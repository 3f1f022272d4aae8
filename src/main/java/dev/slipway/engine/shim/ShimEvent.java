package dev.slipway.engine.shim;

import java.nio.ByteBuffer;
import java.time.Instant;

/// What a shim says over its control connection: `struct event` of `monitor.c`.
sealed interface ShimEvent {
    int BYTES = 32;

    record Started(int pid, Instant at) implements ShimEvent {}

    /// @param step number in the plan, 0 before the first
    record Failed(int step, int errno) implements ShimEvent {}

    record Exited(int exitCode, int signal, Instant at) implements ShimEvent {}

    /// @param bytes of one event, in native order
    static ShimEvent parse(ByteBuffer bytes) {
        int kind = bytes.getInt();
        int first = bytes.getInt();
        int second = bytes.getInt();
        bytes.getInt();
        Instant at = Instant.ofEpochSecond(bytes.getLong(), bytes.getLong());
        return switch (kind) {
            case 1 -> new Started(first, at);
            case 2 -> new Failed(first, second);
            case 3 -> new Exited(first, second, at);
            default -> throw new IllegalArgumentException("shim says something unknown: " + kind);
        };
    }
}
