package dev.slipway.desired.reconcile;

import java.time.InstantSource;
import java.util.concurrent.Executor;

/// Time and threads for a room that does things later or aside; tests give it fakes.
///
/// @param clock the wall clock, for what people and clients read
/// @param workers runs one blocking task each; virtual threads
public record Schedule(InstantSource clock, Delays delays, Executor workers) {}
