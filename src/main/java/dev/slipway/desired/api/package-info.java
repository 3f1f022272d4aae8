/// The one door to the store: every verb, with defaults, validation, versions, finalizers and field owners.
@NullMarked
package dev.slipway.desired.api;

import org.jspecify.annotations.NullMarked;
