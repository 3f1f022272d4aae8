/// SPDY/3.1, as far as Kubernetes' exec, attach and port-forward speak it: many streams over one connection. Pure:
/// bytes in, frames out, and back.
///
/// Words: a *frame* is a unit of the protocol, either *data* of one stream or *control*; a *header block* is the
/// compressed names and values with which a stream begins; a stream's *half* is one direction, which ends by itself.
///
/// In: bytes in pieces of any size. Out: calls of [dev.slipway.door.spdy.SpdyDecoder.Frames], and bytes to send.
///
/// Never: opens a connection, waits, pushes streams of its own, limits itself to the client's windows (no client of
/// port-forward has any: Go's `spdystream` takes what comes).
///
/// @spec https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/ SPDY Protocol, Draft 3.1
@NullMarked
package dev.slipway.door.spdy;

import org.jspecify.annotations.NullMarked;
