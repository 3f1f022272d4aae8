package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;

/// One write. The version of the write is that of [#object].
public sealed interface StoreEvent {
    ObjectKey key();

    /// The object after the write; for a deletion as it was last, with the version of the deletion.
    ApiObject object();

    record Created(ObjectKey key, ApiObject object) implements StoreEvent {}

    /// @param before so that a selector can tell who enters or leaves its selection
    record Updated(ObjectKey key, ApiObject object, ApiObject before) implements StoreEvent {}

    record Deleted(ObjectKey key, ApiObject object) implements StoreEvent {}
}
