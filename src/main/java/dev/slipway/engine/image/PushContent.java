package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.BlobPush;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.ManifestDocument;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What a registry must be sent so that it has an image: documents, what an index lists before the index, and the blobs
/// that they need. What of an index is not on this host is read from the repository that it came from, and sent on
/// while it comes: nothing of it is kept here. A value, but for blobs that are being read.
///
/// @param documents the top comes last
/// @param blobs each once
record PushContent(List<Document> documents, List<Blob> blobs) {
    private static final int DEEPEST_INDEX = 3;

    PushContent {
        documents = List.copyOf(documents);
        blobs = List.copyOf(blobs);
    }

    /// A document, as it is sent.
    record Document(Descriptor descriptor, byte[] bytes) {}

    /// @param origin the repository of another registry that it is read from; empty where it is here
    record Blob(Descriptor descriptor, Optional<Repository> origin) {}

    /// What it is put together from.
    record Stores(ContentStore content, RegistryClient registry) {}

    /// A part of an index is neither on this host nor where the index came from.
    static final class AbsentException extends IOException {
        private static final long serialVersionUID = 1L;

        AbsentException(Digest part, @Nullable Throwable cause) {
            super("there is no " + part, cause);
        }
    }

    Digest top() {
        return documents.getLast().descriptor().digest();
    }

    /// The image alone, without an index.
    static PushContent alone(Stores stores, LocalImage image) throws IOException {
        byte[] bytes = stores.content().read(image.digest(), ManifestCodec.LARGEST_BYTES);
        Document document = new Document(image.descriptor(), bytes);
        return new PushContent(List.of(document), new Collector(stores, Optional.empty()).here(image.manifest()));
    }

    /// The index that the image was chosen from, whole; empty where it was chosen from none, or no index is whole.
    ///
    /// @param index the one that is meant; empty for any that no other one lists
    /// @param origin where the rest of it can be had
    static Optional<PushContent> whole(
            Stores stores, LocalImage image, Optional<Digest> index, Optional<Repository> origin) throws IOException {
        List<Digest> candidates = index.filter(image.indexes()::contains).isPresent()
                ? List.of(index.get())
                : tops(stores.content(), image.indexes());
        for (Digest candidate : candidates) {
            Collector collector = new Collector(stores, origin);
            try {
                collector.collect(candidate, 0);
                return Optional.of(new PushContent(collector.documents, collector.blobs()));
            } catch (AbsentException e) {
                // Another index may be whole.
                continue;
            }
        }
        return Optional.empty();
    }

    /// Those that no other one lists.
    private static List<Digest> tops(ContentStore content, Collection<Digest> indexes) throws IOException {
        Set<Digest> listed = new HashSet<>();
        for (Digest each : indexes) {
            if (content.contains(each)
                    && ManifestCodec.parse(content.read(each, ManifestCodec.LARGEST_BYTES), null)
                            instanceof ImageIndex index) {
                index.manifests().forEach(child -> listed.add(child.digest()));
            }
        }
        return indexes.stream()
                .filter(each -> !listed.contains(each))
                .sorted((one, other) -> one.value().compareTo(other.value()))
                .toList();
    }

    /// Goes through an index, from this host and from where it came from.
    private static final class Collector {
        private final Stores stores;
        private final Optional<Repository> origin;
        private final List<Document> documents = new ArrayList<>();
        private final Map<Digest, Blob> blobs = new LinkedHashMap<>();

        Collector(Stores stores, Optional<Repository> origin) {
            this.stores = stores;
            this.origin = origin;
        }

        List<Blob> blobs() {
            return List.copyOf(blobs.values());
        }

        void collect(Digest digest, int depth) throws IOException {
            if (depth > DEEPEST_INDEX) {
                throw new AbsentException(digest, null);
            }
            byte[] bytes = stores.content().contains(digest)
                    ? stores.content().read(digest, ManifestCodec.LARGEST_BYTES)
                    : fetched(digest);
            Manifest manifest = ManifestCodec.parse(bytes, null);
            switch (manifest) {
                case ImageIndex index -> {
                    for (Descriptor child : index.manifests()) {
                        collect(child.digest(), depth + 1);
                    }
                }
                case ImageManifest image -> collect(image);
            }
            documents.add(new Document(new Descriptor(manifest.mediaType(), digest, bytes.length), bytes));
        }

        private byte[] fetched(Digest digest) throws IOException {
            Repository repository = origin.orElseThrow(() -> new AbsentException(digest, null));
            try {
                ManifestDocument document =
                        stores.registry().manifest(new Reference(repository, "", digest), Keyring.EMPTY);
                return document.bytes();
            } catch (RegistryException e) {
                throw e.kind() == RegistryException.Kind.NOT_FOUND ? new AbsentException(digest, e) : e;
            }
        }

        private void collect(ImageManifest image) throws IOException {
            add(image.config());
            for (Descriptor layer : image.layers()) {
                // Nobody hands on what may not be handed on: who wants it goes where it is.
                if (stores.content().contains(layer.digest())
                        || !layer.mediaType().isForeign()) {
                    add(layer);
                }
            }
        }

        private void add(Descriptor blob) throws IOException {
            boolean isHere = stores.content().contains(blob.digest());
            if (!isHere && origin.isEmpty()) {
                throw new AbsentException(blob.digest(), null);
            }
            blobs.putIfAbsent(blob.digest(), new Blob(blob, isHere ? Optional.empty() : origin));
        }

        /// Of one image, what is on this host.
        List<Blob> here(ImageManifest image) throws IOException {
            add(image.config());
            for (Descriptor layer : image.layers()) {
                if (stores.content().contains(layer.digest())) {
                    add(layer);
                }
            }
            return blobs();
        }
    }

    /// Reads a blob of another registry, from one chunk to the next without asking again. Safe for use by one
    /// thread after the other: who reads on after another has begun is refused.
    static final class Relay implements BlobPush.Source, AutoCloseable {
        private final RegistryClient registry;
        private final Repository origin;
        private final Descriptor blob;
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable InputStream stream;
        private @Nullable Part last;
        private long position;
        private @Nullable IOException failure;

        Relay(RegistryClient registry, Repository origin, Descriptor blob) {
            this.registry = registry;
            this.origin = origin;
            this.blob = blob;
        }

        @Override
        public InputStream open(long offsetBytes) throws IOException {
            lock.lock();
            try {
                if (stream == null || position != offsetBytes) {
                    close();
                    stream = registry.blob(origin, blob, offsetBytes, Keyring.EMPTY);
                    position = offsetBytes;
                }
                failure = null;
                last = new Part();
                return last;
            } catch (IOException e) {
                failure = e;
                throw e;
            } finally {
                lock.unlock();
            }
        }

        /// Why it could not be read when it was read last; empty if it could.
        Optional<IOException> failure() {
            lock.lock();
            try {
                return Optional.ofNullable(failure);
            } finally {
                lock.unlock();
            }
        }

        private int read(Part by, byte[] bytes, int offset, int length) throws IOException {
            lock.lock();
            try {
                if (by != last || stream == null) {
                    throw new IOException("another reader has begun");
                }
                int count = stream.read(bytes, offset, length);
                position += Math.max(0, count);
                return count;
            } catch (IOException e) {
                if (by == last) {
                    failure = e;
                    position = -1;
                }
                throw e;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            lock.lock();
            try {
                if (stream != null) {
                    stream.close();
                    stream = null;
                }
            } finally {
                lock.unlock();
            }
        }

        /// From some byte on; the stream behind it stays open when it is closed.
        private final class Part extends InputStream {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return Relay.this.read(this, bytes, offset, length);
            }
        }
    }
}
