/// Picks values out of objects, in the words that kubectl's users know: `{.items[*].metadata.name}`.
///
/// Words: a *path* leads from an object to any number of values in it; a *template* is text with paths in braces.
///
/// In: JSON and the text of a path or a template. Out: values, or text.
///
/// Never: fails because something is missing. What a path does not find is no value, as with `kubectl get`.
///
/// Of kubectl's grammar everything but regular expressions, which it refuses too: children, `..`, `*`, indexes and
/// slices, unions, filters with one comparison, `range` and `end`, quoted text. A quoted name in brackets is a path, so
/// that a dot in a name is written `\.` there too.
@NullMarked
package dev.slipway.door.jsonpath;

import org.jspecify.annotations.NullMarked;
