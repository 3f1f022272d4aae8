package dev.slipway.desired.api;

import dev.slipway.desired.meta.ApiObject;
import java.util.List;

/// A list, or a part of one.
///
/// @param continueToken for the next part; empty when this is the last
/// @param remaining how many objects follow this part
public record Page(List<ApiObject> items, long resourceVersion, String continueToken, int remaining) {
    public Page {
        items = List.copyOf(items);
    }
}
