/// Keeps the Node object of this host true.
///
/// Words: *facts* are what the kernel and the distribution say of the host; *pressure* is that it runs short of memory,
/// disk or processes.
///
/// In: files below `/proc`, `/sys` and `/etc`. Out: one Node, whose conditions and sizes clients of Kubernetes look at.
///
/// Never: writes while nothing changes; there are no heartbeats.
@NullMarked
package dev.slipway.actor.host;

import org.jspecify.annotations.NullMarked;
