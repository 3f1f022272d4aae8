package dev.slipway.door.gitops;

import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;

/// What this room is built on.
///
/// @param store where drift is heard of and `Sync` objects are kept
/// @param applier where declarations go
public record GitOpsParts(ObjectStore store, Applier applier, EventRecorder recorder, Schedule schedule) {}
