package dev.slipway.door.progress;

import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Objects as they are now, and the news that some have changed. Used by one thread.
public interface ObjectFeed extends AutoCloseable {
    /// What the objects may be.
    Kinds kinds();

    Optional<ApiObject> find(ObjectKey key);

    /// All objects of a resource, in all namespaces.
    List<ApiObject> list(GroupResource resource);

    /// Returns soon after an object changed, at once if that was since the last call, and after `limit` at the
    /// latest.
    void awaitChange(Duration limit) throws InterruptedException;

    @Override
    void close();
}
