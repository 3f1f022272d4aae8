/// Level-triggered loops: a queue of keys, one worker a key, back-off, events.
///
/// Words: to *touch* a key is to say that something about it may have changed; a *round* is one call of a reconciler
/// for one key; a *delay* is a round that is due later; a *shortage* is a lack of something that many keys need, and a
/// *turn* in it a try ahead of the key's own back-off; an *event* tells people what happened to an object.
///
/// In: keys, from watches and from the engine. Out: rounds, and the events that reconcilers record.
///
/// Never: state in touches. A key carries nothing, so a lost, doubled or late touch does no harm; nothing decides by
/// events.
///
/// Invariants: two rounds of one key never overlap; a touch during a round is never lost; nothing polls but
/// a few of those in a shortage; an object that flaps causes a bounded number of writes.
@NullMarked
package dev.slipway.desired.reconcile;

import org.jspecify.annotations.NullMarked;
