/// Asks containers how they are, and runs what they want to be run at their beginning and end.
///
/// Words: a *check* is one question to a container, asked from outside (HTTP, TCP, gRPC) or by a process in it; a
/// *finding* is its answer; a *probe* is a check with a rhythm and thresholds; a *tally* is what a probe makes of
/// its findings; an *image's check* is the `HEALTHCHECK` that an image brings along, read as a probe; a *patient*
/// is one run of one container that has probes or hooks; an *illness* is why it has to be ended.
///
/// In: what runs and what shall end, from the rounds of pods. Out: stop signals after their hooks,
/// [dev.slipway.actor.probe.Health], events `Unhealthy` and
/// `ProbeWarning`, the uids of pods whose health has changed.
///
/// Never: decides that something stops or restarts; writes a status. `actor.pod` decides by the health that it finds
/// here.
///
/// Intended: checks go to the pod's address from the host, as the kubelet's do. A probe that waits costs one entry of
/// the timer and no thread; one that asks has a virtual thread. What is known of a run is forgotten with it, and after
/// a restart of the engine taken over from the status: a container that was ready does not become unready because
/// nobody has asked it yet. HTTP and gRPC are spoken here by hand, because a probe is two packets each way and must not
/// cost a client with pools and threads.
@NullMarked
package dev.slipway.actor.probe;

import org.jspecify.annotations.NullMarked;
