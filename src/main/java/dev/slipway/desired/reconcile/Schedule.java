package dev.slipway.desired.reconcile;

import java.time.InstantSource;
import java.util.concurrent.Executor;

/// Time and threads for a room that does things later or aside; tests give it fakes.
///
/// @param clock the wall clock, for what people and clients read; somebody may set it
/// @param steady a clock that nobody sets, for what is only compared with itself and forgotten with the process
/// @param workers runs one blocking task each; virtual threads
public record Schedule(InstantSource clock, InstantSource steady, Delays delays, Executor workers) {
    /// With a wall clock that nobody sets.
    public Schedule(InstantSource clock, Delays delays, Executor workers) {
        this(clock, clock, delays, workers);
    }
}
