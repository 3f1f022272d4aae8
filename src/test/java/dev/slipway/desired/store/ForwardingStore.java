package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.util.Optional;

/// Another store, of which a test changes one thing.
public abstract class ForwardingStore implements ObjectStore {
    private final ObjectStore store;

    protected ForwardingStore(ObjectStore store) {
        this.store = store;
    }

    @Override
    public Optional<ApiObject> get(ObjectKey key) {
        return store.get(key);
    }

    @Override
    public ObjectList list(GroupResource resource, String namespace) {
        return store.list(resource, namespace);
    }

    @Override
    public long resourceVersion() {
        return store.resourceVersion();
    }

    @Override
    public ApiObject create(ObjectKey key, ApiObject object) throws IOException, AlreadyExistsException {
        return store.create(key, object);
    }

    @Override
    public ApiObject update(ObjectKey key, ApiObject object, long expected) throws IOException, ConflictException {
        return store.update(key, object, expected);
    }

    @Override
    public ApiObject delete(ObjectKey key, long expected) throws IOException, ConflictException {
        return store.delete(key, expected);
    }

    @Override
    public Watch watch(GroupResource resource, long from, WatchListener listener) throws ExpiredException {
        return store.watch(resource, from, listener);
    }

    @Override
    public Watch watchAll(long from, WatchListener listener) throws ExpiredException {
        return store.watchAll(from, listener);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
