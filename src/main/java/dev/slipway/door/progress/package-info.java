/// Shows people how a directory of manifests becomes what runs: the words of `slipway up`.
///
/// Words: a *row* ([Row]) is one object in a line; an *overview* ([Overview]) is all of them at one moment; a
/// *milestone* is what is worth a line of its own where lines cannot be drawn anew; a directory has *converged* when
/// every object of its inventory is as declared, by the rules that `GET /status` has too.
///
/// In: objects, through an [ObjectFeed]. Out: text on a [Terminal], and how it ended.
///
/// Never: changes an object, decides what as declared means, prints control characters that came from somewhere else.
///
/// On a terminal the rows are drawn again and again in place; elsewhere each milestone is one line.
@NullMarked
package dev.slipway.door.progress;

import org.jspecify.annotations.NullMarked;
