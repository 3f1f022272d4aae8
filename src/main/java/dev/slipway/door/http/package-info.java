/// HTTP as the API speaks it: who may ask, what was asked, and how the answer goes out.
///
/// Words: a *request* is one after it was admitted and its body was read; a *reply* is a document, ready bytes, a
/// stream, or an upgrade; a *sink* is the client's end of a stream; an *upgrade* turns the connection into a WebSocket,
/// or for older clients into bytes both ways, over which a *conversation* is held; a *refusal* is an answer that needed
/// no look at any object.
///
/// In: Vert.x requests. Out: values, and bytes to clients.
///
/// Never: objects, kinds, the store.
///
/// Invariants: nothing on TCP is answered without a credential; a body, its nesting and its numbers are bounded before
/// anybody looks at them, or read as they come and, when they are refused, to a bounded rest, so that the answer is
/// seen; a client that stops reading a stream is dropped and holds up nobody. In a conversation it may take its time:
/// what it talks to waits for it, in bounded memory.
@NullMarked
package dev.slipway.door.http;

import org.jspecify.annotations.NullMarked;
