/// Tells monitors whether this host is as declared, and what the engine costs.
///
/// Words: a *problem* is one way in which the host is not as declared; a *metric* is one measured number; a *source* is
/// a room that knows problems or metrics; a *check* is one thing without which the engine cannot serve.
///
/// In: objects, sources and checks. Out: one JSON document, Prometheus' text, and whether the engine is ready.
///
/// Never: acts on what it finds. Whether an object is as declared is decided from its status alone.
@NullMarked
package dev.slipway.door.health;

import org.jspecify.annotations.NullMarked;
