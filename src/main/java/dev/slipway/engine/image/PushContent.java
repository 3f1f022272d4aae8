package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.MalformedDocumentException;
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
import java.util.Iterator;
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
    private static final int MOST_DOCUMENTS = 1000;
    private static final long MOST_DOCUMENT_BYTES = 64L << 20;

    PushContent {
        documents = List.copyOf(documents);
        blobs = List.copyOf(blobs);
    }

    /// A document, as it is sent.
    record Document(Descriptor descriptor, byte[] bytes) {}

    /// @param isHere whether it is on this host; else it is read from where the image came from
    record Blob(Descriptor descriptor, boolean isHere) {}

    /// What it is put together from.
    ///
    /// @param fetched documents that were fetched lately, for the next place or try
    record Stores(ContentStore content, RegistryClient registry, FetchedDocuments fetched) {}

    /// An index cannot be had whole, and another try would not change that.
    static final class AbsentException extends IOException {
        private static final long serialVersionUID = 1L;

        AbsentException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        /// What to make of a refusal of where the image came from: a passing one is no reason to push less.
        static IOException of(RegistryException refusal, ImagePusher.Origin origin) {
            boolean passes =
                    switch (refusal.kind()) {
                        case UNREACHABLE, RATE_LIMITED -> origin.isSure();
                        case NOT_FOUND, UNAUTHORIZED, PROTOCOL -> false;
                    };
            return passes ? refusal : new AbsentException(String.valueOf(refusal.getMessage()), refusal);
        }
    }

    /// Documents that were fetched last, as far as they are small. Safe for use by many threads.
    static final class FetchedDocuments {
        private static final int MOST_BYTES = 8 << 20;
        private static final int LARGEST_BYTES = 256 << 10;

        private final ReentrantLock lock = new ReentrantLock();
        private final Map<Digest, byte[]> known = new LinkedHashMap<>();
        private long bytes;

        byte @Nullable [] find(Digest digest) {
            lock.lock();
            try {
                return known.get(digest);
            } finally {
                lock.unlock();
            }
        }

        void note(Digest digest, byte[] document) {
            lock.lock();
            try {
                if (document.length <= LARGEST_BYTES && known.putIfAbsent(digest, document) == null) {
                    bytes += document.length;
                }
                Iterator<byte[]> oldest = known.values().iterator();
                while (bytes > MOST_BYTES) {
                    bytes -= oldest.next().length;
                    oldest.remove();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    Digest top() {
        return documents.getLast().descriptor().digest();
    }

    /// The image alone, without an index.
    static PushContent alone(Stores stores, LocalImage image) throws IOException {
        byte[] bytes = stores.content().read(image.digest(), ManifestCodec.LARGEST_BYTES);
        Document document = new Document(image.descriptor(), bytes);
        Collector collector = new Collector(stores, ImagePusher.Origin.UNKNOWN);
        collector.add(image.manifest().config());
        collector.addHere(image.manifest());
        return new PushContent(List.of(document), collector.blobs());
    }

    /// What of an index is on this host, for a registry that has the whole of it.
    static PushContent here(Stores stores, Digest index) throws IOException {
        Collector collector = new Collector(stores, ImagePusher.Origin.UNKNOWN);
        collector.collectHere(index, 0);
        return new PushContent(collector.documents, collector.blobs());
    }

    /// The first of some indexes that can be had whole.
    ///
    /// @param origin where the rest of it can be had
    static PushContent whole(Stores stores, List<Digest> indexes, ImagePusher.Origin origin) throws IOException {
        AbsentException absent = new AbsentException("there is none", null);
        for (Digest index : indexes) {
            Collector collector = new Collector(stores, origin);
            try {
                collector.collect(index, 0);
                return new PushContent(collector.documents, collector.blobs());
            } catch (AbsentException e) {
                // Another index may be whole.
                absent = e;
            }
        }
        throw absent;
    }

    /// The indexes that an image may be pushed as.
    ///
    /// @param meant the one that it was chosen from; empty for any that no other one lists
    static List<Digest> indexes(ContentStore content, LocalImage image, Optional<Digest> meant) throws IOException {
        return meant.filter(image.indexes()::contains).isPresent()
                ? List.of(meant.get())
                : tops(content, image.indexes());
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

    /// Goes through an index, from this host and from where it came from. A stranger wrote it: what it lists is
    /// counted.
    private static final class Collector {
        private final Stores stores;
        private final ImagePusher.Origin origin;
        private final Set<Digest> seen = new HashSet<>();
        private final List<Document> documents = new ArrayList<>();
        private final Map<Digest, Blob> blobs = new LinkedHashMap<>();
        private long bytes;

        Collector(Stores stores, ImagePusher.Origin origin) {
            this.stores = stores;
            this.origin = origin;
        }

        List<Blob> blobs() {
            return List.copyOf(blobs.values());
        }

        void collect(Digest digest, int depth) throws IOException {
            if (!seen.add(digest)) {
                return;
            }
            byte[] document = counted(document(digest), depth);
            Manifest manifest = parsed(digest, document);
            switch (manifest) {
                case ImageIndex index -> {
                    for (Descriptor child : index.manifests()) {
                        collect(child.digest(), depth + 1);
                    }
                }
                case ImageManifest image -> addAll(image);
            }
            documents.add(new Document(new Descriptor(manifest.mediaType(), digest, document.length), document));
        }

        /// Leaves out what is not here.
        void collectHere(Digest digest, int depth) throws IOException {
            if (!stores.content().contains(digest) || !seen.add(digest)) {
                return;
            }
            byte[] document = counted(document(digest), depth);
            Manifest manifest = parsed(digest, document);
            switch (manifest) {
                case ImageIndex index -> {
                    for (Descriptor child : index.manifests()) {
                        collectHere(child.digest(), depth + 1);
                    }
                }
                case ImageManifest image -> addHere(image);
            }
            documents.add(new Document(new Descriptor(manifest.mediaType(), digest, document.length), document));
        }

        private byte[] counted(byte[] document, int depth) throws AbsentException {
            bytes += document.length;
            if (depth > DEEPEST_INDEX || seen.size() > MOST_DOCUMENTS || bytes > MOST_DOCUMENT_BYTES) {
                throw new AbsentException("the index lists too much", null);
            }
            return document;
        }

        private static Manifest parsed(Digest digest, byte[] document) throws AbsentException {
            try {
                return ManifestCodec.parse(document, null);
            } catch (MalformedDocumentException e) {
                throw new AbsentException(digest + " cannot be read: " + e.getMessage(), e);
            }
        }

        private byte[] document(Digest digest) throws IOException {
            if (stores.content().contains(digest)) {
                return stores.content().read(digest, ManifestCodec.LARGEST_BYTES);
            }
            byte @Nullable [] known = stores.fetched().find(digest);
            return known == null ? fetched(digest) : known;
        }

        private byte[] fetched(Digest digest) throws IOException {
            Repository repository = origin.repository().orElseThrow(() -> absent(digest));
            try {
                ManifestDocument document =
                        stores.registry().manifest(new Reference(repository, "", digest), Keyring.EMPTY);
                stores.fetched().note(digest, document.bytes());
                return document.bytes();
            } catch (RegistryException e) {
                throw AbsentException.of(e, origin);
            } catch (MalformedDocumentException e) {
                throw new AbsentException(digest + " cannot be read: " + e.getMessage(), e);
            }
        }

        private static AbsentException absent(Digest digest) {
            return new AbsentException(digest + " is not on this host", null);
        }

        private void addAll(ImageManifest image) throws IOException {
            add(image.config());
            for (Descriptor layer : image.layers()) {
                // Nobody hands on what may not be handed on: who wants it goes where it is.
                if (stores.content().contains(layer.digest())
                        || !layer.mediaType().isForeign()) {
                    add(layer);
                }
            }
        }

        void add(Descriptor blob) throws IOException {
            boolean isHere = stores.content().contains(blob.digest());
            if (!isHere && origin.repository().isEmpty()) {
                throw absent(blob.digest());
            }
            blobs.putIfAbsent(blob.digest(), new Blob(blob, isHere));
        }

        void addHere(ImageManifest image) throws IOException {
            if (stores.content().contains(image.config().digest())) {
                add(image.config());
            }
            for (Descriptor layer : image.layers()) {
                if (stores.content().contains(layer.digest())) {
                    add(layer);
                }
            }
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
