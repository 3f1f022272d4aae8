package dev.slipway.engine.image;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.LayerFacts;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// Layers that are only hashed, not unpacked.
public final class MemoryLayerTrees implements LayerTrees {
    private final Set<DiffId> present = ConcurrentHashMap.newKeySet();
    private final List<DiffId> unpacked = new CopyOnWriteArrayList<>();
    private final List<List<DiffId>> joined = new CopyOnWriteArrayList<>();
    private volatile @Nullable IOException failure;
    private volatile @Nullable IOException joinFailure;

    /// From now on every unpacking fails so.
    void failWith(@Nullable IOException next) {
        failure = next;
    }

    /// From now on nothing can be joined.
    void failToJoinWith(@Nullable IOException next) {
        joinFailure = next;
    }

    /// What was joined, or tried to be, in order.
    List<List<DiffId>> joined() {
        return joined;
    }

    /// Every unpacking that was begun, in order.
    List<DiffId> unpacked() {
        return unpacked;
    }

    @Override
    public boolean isPresent(DiffId layer) {
        return present.contains(layer);
    }

    @Override
    public Set<DiffId> list() {
        return Set.copyOf(present);
    }

    @Override
    public List<LayerFacts> survey(List<DiffId> stack) {
        return stack.stream().map(layer -> new LayerFacts(0, 0, 0)).toList();
    }

    @Override
    public Unpacked unpack(DiffId layer, MediaType type, InputStream packed) throws IOException {
        unpacked.add(layer);
        IOException planned = failure;
        if (planned != null) {
            throw planned;
        }
        MessageDigest hash = layer.digest().hasher();
        try {
            hash.update(archive(type, packed).readAllBytes());
        } catch (ZipException | EOFException | ZstdIOException e) {
            throw new CorruptContentException(layer.digest(), "is packed wrongly: " + e);
        }
        if (!layer.digest().matches(hash)) {
            throw new CorruptContentException(layer.digest(), "is not the diffID of the archive");
        }
        return new Unpacked() {
            @Override
            public void commit() {
                present.add(layer);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void join(List<DiffId> layers) throws IOException {
        joined.add(layers);
        IOException planned = joinFailure;
        if (planned != null) {
            throw planned;
        }
    }

    @Override
    public long largestBytes() {
        return 1L << 40;
    }

    @Override
    public void remove(DiffId layer) {
        present.remove(layer);
    }

    private static InputStream archive(MediaType type, InputStream packed) throws IOException {
        if (type.isZstd()) {
            return new ZstdInputStream(packed);
        }
        return type.isGzip() ? new GZIPInputStream(packed) : packed;
    }
}
