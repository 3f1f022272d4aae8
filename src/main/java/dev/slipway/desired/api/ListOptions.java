package dev.slipway.desired.api;

import dev.slipway.desired.meta.FieldSelector;
import dev.slipway.desired.meta.LabelSelector;

/// Which objects of a resource are wanted.
///
/// @param limit at most so many at a time, 0 for all
/// @param continueToken from the page before, or empty
public record ListOptions(LabelSelector labels, FieldSelector fields, int limit, String continueToken) {
    public static final ListOptions ALL = new ListOptions(LabelSelector.EVERYTHING, FieldSelector.EVERYTHING, 0, "");
}
