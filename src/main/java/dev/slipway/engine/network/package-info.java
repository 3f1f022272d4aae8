/// A pod's network: namespace, address, mapped ports.
///
/// Words: a *pod network* ([PodNetworks]) is one network namespace, pinned by a bind mount, with one interface `eth0`
/// that a veth pair joins to the engine's *bridge*, or *alone* with nothing but its loopback; the *table* is this
/// engine's packet rules in nftables, named as the bridge; a *port mapping* ([PortMapping]) leads from a port of the
/// host to a port of a pod.
///
/// In: [NetworkRequest] under a pod's uid. Out: [NetworkAttachment].
///
/// Never: starts processes in a namespace, knows Services or names of pods.
///
/// This room is the one owner of the bridge and of the table, and touches no rule of others. Attachments are noted
/// under the run directory, so an engine that starts again finds its pods with their addresses.
@NullMarked
package dev.slipway.engine.network;

import org.jspecify.annotations.NullMarked;
