/// HTTP to a running engine, over its unix socket, for a command that lives for one request or two.
///
/// Words: an *exchange* is one request and its whole answer; a *refusal* is an answer that is a failure `Status`.
///
/// In: methods, paths, bodies. Out: JSON, a body that streams, or a WebSocket.
///
/// Never: knows kinds, retries, keeps a connection.
@NullMarked
package dev.slipway.door.client;

import org.jspecify.annotations.NullMarked;
