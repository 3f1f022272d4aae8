package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.ManifestDocument;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
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
    private static final int MOST_BLOBS = 10_000;

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
    /// @param mostDocumentBytes of all documents of one image, so that they find room in memory
    record Stores(ImagePusher.Sources here, RegistryClient registry, FetchedDocuments fetched, long mostDocumentBytes) {
        ContentStore content() {
            return here.content();
        }
    }

    /// An index cannot be had whole, and another try would not change that.
    static final class AbsentException extends IOException {
        private static final long serialVersionUID = 1L;

        AbsentException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        /// What to make of a failure of where the image came from: a passing one is no reason to push less.
        static IOException of(IOException failure, ImagePusher.Origin origin) {
            boolean lasts =
                    switch (failure) {
                        case RegistryException refusal -> {
                            boolean passes = refusal.kind() == RegistryException.Kind.UNREACHABLE
                                    || refusal.kind() == RegistryException.Kind.RATE_LIMITED;
                            yield !passes || !origin.isSure();
                        }
                        case CorruptContentException corrupt -> true;
                        default -> false;
                    };
            return lasts ? new AbsentException(String.valueOf(failure.getMessage()), failure) : failure;
        }
    }

    Digest top() {
        return documents.getLast().descriptor().digest();
    }

    /// The image alone, without an index.
    static PushContent alone(Stores stores, LocalImage image) throws IOException {
        byte[] bytes = stores.content().read(image.digest(), ManifestCodec.LARGEST_BYTES);
        Document document = new Document(image.descriptor(), bytes);
        Collector collector = new Collector(stores, ImagePusher.Origin.UNKNOWN, image.parts());
        collector.addHere(image.manifest());
        return new PushContent(List.of(document), collector.blobs());
    }

    /// What of an index is on this host, for a registry that has the whole of it.
    static PushContent here(Stores stores, LocalImage image, Digest index) throws IOException {
        Collector collector = new Collector(stores, ImagePusher.Origin.UNKNOWN, open(stores, image, index));
        collector.collectHere(index, 0);
        if (collector.documents.isEmpty()) {
            throw Collector.absent(index);
        }
        return new PushContent(collector.documents, collector.blobs());
    }

    /// The whole of an index.
    ///
    /// @param origin where what of it is not on this host can be had
    static PushContent whole(Stores stores, LocalImage image, Digest index, ImagePusher.Origin origin)
            throws IOException {
        Collector collector = new Collector(stores, origin, open(stores, image, index));
        collector.collect(index, 0);
        return new PushContent(collector.documents, collector.blobs());
    }

    /// What an index may have from this host. A stranger wrote it, and may name what is none of his business: it
    /// gets what its image has and others have that were pulled as this index, what anybody may have, and what is
    /// beside it in a repository of this host.
    private static Set<Digest> open(Stores stores, LocalImage image, Digest index) {
        Set<Digest> open = image.parts();
        Repositories repositories = stores.here().repositories();
        Set<String> own = repositories.list().stream()
                .filter(repository -> !repositories.contents(repository).mirrored())
                .map(Repository::host)
                .collect(Collectors.toSet());
        stores.here().images().list().stream()
                .filter(other -> other.indexes().contains(index) || isForAnybody(other, own))
                .forEach(other -> open.addAll(other.parts()));
        repositories.list().stream()
                .map(repositories::contents)
                .filter(contents -> contents.manifests().containsKey(index))
                .flatMap(contents -> contents.manifests().values().stream())
                .filter(manifest -> !manifest.guarded())
                .forEach(manifest -> {
                    open.add(manifest.digest());
                    open.addAll(manifest.blobs());
                });
        return open;
    }

    /// Whether another registry gave it to somebody who showed nothing. What was made or imported here, nobody else
    /// may have; and who may have what is in this host's own registry, that one says, not that it was pulled from
    /// it.
    ///
    /// @param own what this host's own registry is called
    private static boolean isForAnybody(LocalImage image, Set<String> own) {
        return !image.guarded()
                && image.pulledAs().keySet().stream()
                        .anyMatch(name -> !own.contains(name.repository().host()));
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
        private final Set<Digest> open;
        private final Set<Digest> seen = new HashSet<>();
        private final List<Document> documents = new ArrayList<>();
        private final Map<Digest, Blob> blobs = new LinkedHashMap<>();
        private long bytes;

        /// @param open what may be sent from this host
        Collector(Stores stores, ImagePusher.Origin origin, Set<Digest> open) {
            this.stores = stores;
            this.origin = origin;
            this.open = open;
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
            if (!isHere(digest) || !seen.add(digest)) {
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
            if (depth > DEEPEST_INDEX || seen.size() > MOST_DOCUMENTS || bytes > stores.mostDocumentBytes()) {
                throw tooMuch();
            }
            return document;
        }

        private static AbsentException tooMuch() {
            return new AbsentException("the index lists too much", null);
        }

        private boolean isHere(Digest digest) throws IOException {
            return open.contains(digest) && stores.content().contains(digest);
        }

        /// A stranger may say another size.
        private boolean isHere(Descriptor blob) throws IOException {
            return open.contains(blob.digest())
                    && stores.content().sizeBytes(blob.digest()).equals(OptionalLong.of(blob.sizeBytes()));
        }

        private static Manifest parsed(Digest digest, byte[] document) throws AbsentException {
            try {
                return ManifestCodec.parse(document, null);
            } catch (MalformedDocumentException e) {
                throw new AbsentException(digest + " cannot be read: " + e.getMessage(), e);
            }
        }

        private byte[] document(Digest digest) throws IOException {
            if (isHere(digest)) {
                return stores.content().read(digest, ManifestCodec.LARGEST_BYTES);
            }
            Repository repository = origin.repository().orElseThrow(() -> absent(digest));
            byte @Nullable [] known = stores.fetched().find(repository, digest);
            return known == null ? fetched(repository, digest) : known;
        }

        private byte[] fetched(Repository repository, Digest digest) throws IOException {
            try {
                ManifestDocument document =
                        stores.registry().manifest(new Reference(repository, "", digest), Keyring.EMPTY);
                stores.fetched().note(repository, digest, document.bytes());
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
                if (isHere(layer) || !layer.mediaType().isForeign()) {
                    add(layer);
                }
            }
        }

        private void add(Descriptor blob) throws IOException {
            boolean isHere = isHere(blob);
            if (!isHere && origin.repository().isEmpty()) {
                throw absent(blob.digest());
            }
            blobs.putIfAbsent(blob.digest(), new Blob(blob, isHere));
            if (blobs.size() > MOST_BLOBS) {
                throw tooMuch();
            }
        }

        void addHere(ImageManifest image) throws IOException {
            if (isHere(image.config())) {
                add(image.config());
            }
            for (Descriptor layer : image.layers()) {
                if (isHere(layer)) {
                    add(layer);
                }
            }
        }
    }
}
