/// Pod sandboxes and containers, and their states.
///
/// Words: a *sandbox* is what the containers of a pod share; an *attempt* is one run of one container; a *record* is a
/// file about one of them below the run directory; a *kept* layer is a writable layer that all attempts of a container
/// share. More in [dev.slipway.engine.runtime.ContainerRuntime]. Further processes in containers, clients of their
/// streams and connections to their ports are of [dev.slipway.engine.runtime.HostRuntime] alone; they end with the
/// engine.
///
/// In: requests as values, with every reference resolved. Out: states as values, and the uids of pods that changed.
///
/// Never: Kubernetes' classes, restart policies, back-off. What shall happen next is decided in `actor.pod`.
///
/// The record of an attempt is written before anything else of it exists and removed last, so a crash can leave nothing
/// that nobody knows. Records are not synced: a power cut ends what they describe. What outlives it is found by its
/// name alone, which begins with the pod's uid; whether the pod still exists only the store knows, so it stays until
/// [dev.slipway.engine.runtime.ContainerRuntime#retain] is told.
///
/// Sharing the ipc namespace is done by a pin, as with the network namespace, and not by a process that holds it: any
/// container of a pod can end and start again, and none of them is special. Only a pid namespace cannot be without a
/// first process; pods that share one have a process for it ([dev.slipway.engine.shim.PidNamespaces]).
@NullMarked
package dev.slipway.engine.runtime;

import org.jspecify.annotations.NullMarked;
