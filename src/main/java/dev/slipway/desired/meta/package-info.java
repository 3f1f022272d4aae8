/// The vocabulary that the desired column shares.
///
/// Words: an *object* ([ApiObject]) is one JSON document with `metadata`; a *key* ([ObjectKey]) names it on this host;
/// a *resource* ([GroupResource]) is what its URL names; a *resource version* grows with every write of any object; a
/// *selector* ([LabelSelector], [FieldSelector]) tells which objects a client means; a *condition* ([Condition]) is one
/// aspect of an object's state, for a [Reason].
///
/// In: nothing. Out: values.
///
/// Never: I/O, clocks, rules of a kind.
@NullMarked
package dev.slipway.desired.meta;

import org.jspecify.annotations.NullMarked;
