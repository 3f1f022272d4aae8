package dev.slipway.door.distribution;

import java.time.InstantSource;

/// What tells the time.
///
/// @param wall for what clients read; somebody may set it
/// @param steady nobody sets it: for how long ago something was
public record Clocks(InstantSource wall, InstantSource steady) {}
