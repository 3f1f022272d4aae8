package dev.slipway.desired.store;

import dev.slipway.desired.meta.ObjectKey;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A write as history keeps it. At least one side is there; without `before` it was a creation, and `deleted` tells a
/// deletion, whose `after` is the object as it was last under the version of the deletion.
record Change(ObjectKey key, Stored after, @Nullable Stored before, boolean deleted) {
    long version() {
        return after.version();
    }

    /// What keeping this change keeps in memory; what was before is the change before it.
    int sizeBytes() {
        return after.sizeBytes();
    }

    Stream<Stored> versions() {
        return before == null ? Stream.of(after) : Stream.of(before, after);
    }

    StoreEvent event() {
        if (deleted) {
            return new StoreEvent.Deleted(key, after.object());
        }
        return before == null
                ? new StoreEvent.Created(key, after.object())
                : new StoreEvent.Updated(key, after.object(), before.object());
    }
}
