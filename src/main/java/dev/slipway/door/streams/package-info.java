/// The streams of containers for clients: exec, attach, port-forward, as Kubernetes' clients speak them.
///
/// Words: a *session* is one process in a container with a client at its streams, or a client at the streams of the
/// container's own process; a *channel* is one of the streams that share a connection: on a WebSocket the first byte of
/// each message names it, in SPDY it is a stream; an *archive* is files of a container as a tar.
///
/// In: conversations, which `door.http` has accepted; sessions, which somebody else opens
/// ([dev.slipway.door.streams.ContainerSessions]). Out: bytes both ways, and a `Status` at the end.
///
/// Never: starts a process, enters a namespace, looks at an object of its own accord.
///
/// Invariants: whichever side ends first, the other is ended, and nothing of the session is left; a side that does not
/// read makes the other wait, and what waits in between is bounded by a few frames.
@NullMarked
package dev.slipway.door.streams;

import org.jspecify.annotations.NullMarked;
