package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;

/// One version of one object as the store keeps it in memory: its JSON, a tenth of the size of the tree, and the tree
/// for as long as somebody else uses it. Immutable but for that; safe to share.
final class Stored {
    private final byte[] json;
    private final long version;
    private volatile WeakReference<ApiObject> tree;

    private Stored(byte[] json, long version, ApiObject object) {
        this.json = json;
        this.version = version;
        this.tree = new WeakReference<>(object);
    }

    /// `object` already carries `version` in its metadata.
    static Stored of(ApiObject object, long version) {
        return new Stored(ObjectCodec.toBytes(object.tree()), version, object);
    }

    /// From the database.
    static Stored read(byte[] json) throws IOException {
        ApiObject object = ApiObject.of(ObjectCodec.readObject(json));
        return new Stored(json, object.resourceVersion(), object);
    }

    byte[] json() {
        return json;
    }

    long version() {
        return version;
    }

    ApiObject object() {
        ApiObject known = tree.get();
        if (known != null) {
            return known;
        }
        try {
            ApiObject parsed = ApiObject.of(ObjectCodec.readObject(json));
            tree = new WeakReference<>(parsed);
            return parsed;
        } catch (IOException e) {
            // These bytes were written by this class or read once before.
            throw new UncheckedIOException(e);
        }
    }
}
