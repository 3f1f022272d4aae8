package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.util.Optional;

/// Objects by key, under one resource version that grows by one with each write of any object.
///
/// Words: a *write* is one create, update or delete; it is acknowledged by returning, and then survives a power cut. A
/// *watch* hears every write after a version, in order, without gaps.
///
/// Life of an object: [#create] stamps `metadata.resourceVersion`; [#update] replaces it if the version that the writer
/// read is still the current one; [#delete] ends it. The store knows nothing of finalizers, defaults or owners.
///
/// An update whose content equals the stored object writes nothing and wakes nobody. Reads come from memory and never
/// wait for a writer's disk. Thread-safe.
public interface ObjectStore extends AutoCloseable {
    Optional<ApiObject> get(ObjectKey key);

    /// All objects of a resource as of one version, in key order.
    ///
    /// @param namespace empty for all namespaces
    ObjectList list(GroupResource resource, String namespace);

    /// The version of the last write.
    long resourceVersion();

    /// @param key where the object goes; its metadata agree with it
    /// @return the object with its resource version
    /// @throws AlreadyExistsException when the key is taken
    ApiObject create(ObjectKey key, ApiObject object) throws IOException, AlreadyExistsException;

    /// @param expected the version that the writer read
    /// @return the stored object: with a new version, or as it was when nothing differs
    /// @throws ConflictException when the object has another version by now, or is gone
    ApiObject update(ObjectKey key, ApiObject object, long expected) throws IOException, ConflictException;

    /// @param expected the version that the writer read
    /// @return the object as it was last, with the version of its deletion
    /// @throws ConflictException when the object has another version by now, or is gone
    ApiObject delete(ObjectKey key, long expected) throws IOException, ConflictException;

    /// Hears every write of a resource that comes after `from`.
    ///
    /// @param listener called in order on one thread; a listener that is slow makes its own watch end with
    ///     [WatchListener#ended], and nobody else wait
    /// @throws ExpiredException when writes after `from` have been compacted away
    Watch watch(GroupResource resource, long from, WatchListener listener) throws ExpiredException;

    /// Hears every write of every resource that comes after `from`.
    Watch watchAll(long from, WatchListener listener) throws ExpiredException;

    @Override
    void close() throws IOException;
}
