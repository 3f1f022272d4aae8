package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import java.util.List;

/// Objects as they were together at one version.
public record ObjectList(List<ApiObject> items, long resourceVersion) {
    public ObjectList {
        items = List.copyOf(items);
    }
}
