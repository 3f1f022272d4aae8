/// The rules of each kind: names, defaults, validation, columns.
@NullMarked
package dev.slipway.desired.kind;

import org.jspecify.annotations.NullMarked;
