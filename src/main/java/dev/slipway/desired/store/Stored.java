package dev.slipway.desired.store;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/// One version of one object as the store keeps it in memory: its JSON, a tenth of the size of the tree, and the tree
/// for as long as somebody else uses it. What nobody has read for a while may be packed. The object never changes; safe
/// to share.
final class Stored {
    private final int sizeBytes;
    private final long version;

    /// The JSON, or, if it is shorter than [#sizeBytes], that packed.
    private volatile byte[] kept;

    private volatile @Nullable WeakReference<ApiObject> tree;

    private Stored(byte[] json, long version, ApiObject object) {
        this.kept = json;
        this.sizeBytes = json.length;
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
        byte[] bytes = kept;
        return bytes.length < sizeBytes ? Packing.unpack(bytes, sizeBytes) : bytes;
    }

    /// Of the JSON.
    int sizeBytes() {
        return sizeBytes;
    }

    long version() {
        return version;
    }

    ApiObject object() {
        WeakReference<ApiObject> reference = tree;
        ApiObject known = reference == null ? null : reference.get();
        if (known != null) {
            return known;
        }
        try {
            ApiObject parsed = ApiObject.of(ObjectCodec.readObject(json()));
            tree = new WeakReference<>(parsed);
            return parsed;
        } catch (IOException e) {
            // These bytes were written by this class or read once before.
            throw new UncheckedIOException(e);
        }
    }

    /// Takes as little memory as it can until it is read again.
    void pack(Packing packing) {
        if (kept.length == sizeBytes) {
            kept = packing.pack(kept);
        }
        tree = null;
    }
}
