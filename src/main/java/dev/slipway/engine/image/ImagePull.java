package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.ManifestDocument;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.StoredManifest;
import dev.slipway.engine.signature.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// One pull of one image: resolve, fetch the config, then all layers side by side. For one thread, used once.
final class ImagePull {
    private static final int DEEPEST_INDEX = 3;

    /// What the pull works with.
    record Tools(
            HostImages.Stores stores,
            RegistryClient registry,
            Signatures signatures,
            LayerPull layers,
            Flights<LayerPull.Key, LayerPull.Brought> layerFlights,
            Supplier<Catalog> catalog) {
        ContentStore content() {
            return stores.content();
        }

        Repositories repositories() {
            return stores.repositories();
        }
    }

    /// Told what the pull is about to use, before it looks whether that is here.
    interface Claim {
        void on(Set<Digest> used) throws IOException;
    }

    /// @param fetchedBytes what travelled of the layers
    record Fetched(LocalImage image, long fetchedBytes) {}

    private final Tools tools;
    private final PullRequest request;
    private final PullProgress progress;
    private final Claim claim;

    ImagePull(Tools tools, PullRequest request, PullProgress progress, Claim claim) {
        this.tools = tools;
        this.request = request;
        this.progress = progress;
        this.claim = claim;
    }

    /// Fetches everything; the image is whole when this returns, and nobody knows it yet.
    Fetched run() throws IOException {
        List<ManifestDocument> documents = resolve();
        ManifestDocument last = documents.getLast();
        if (!(last.manifest() instanceof ImageManifest manifest)) {
            throw new IllegalStateException("resolving ended at an index");
        }
        CatalogCodec.checkTypes(manifest);
        checkSizes(manifest);
        verify(documents);
        progress.resolved(last.descriptor().digest(), manifest.layers());
        claim.on(documents(documents, manifest));
        Digest digest = last.descriptor().digest();
        byte[] bytes = configBytes(digest, manifest.config());
        ImageConfig config = config(manifest, bytes);
        claim.on(used(manifest, config));
        long travelled = layers(
                digest,
                orders(manifest, config, isGuarded(documents)),
                () -> keep(documents, manifest.config(), bytes));
        tools.layers().join(config.diffIds());
        return new Fetched(image(documents, manifest, config), travelled);
    }

    /// From the reference to the manifest for the platform: the indexes on the way, and the manifest as the last.
    private List<ManifestDocument> resolve() throws IOException {
        List<ManifestDocument> documents = new ArrayList<>();
        documents.add(document(request.reference()));
        while (documents.getLast().manifest() instanceof ImageIndex index) {
            if (documents.size() > DEEPEST_INDEX) {
                throw new MalformedDocumentException("more than " + DEEPEST_INDEX + " indexes inside one another");
            }
            documents.add(chosen(index));
        }
        return documents;
    }

    /// What a repository of this host has is not asked of anybody else.
    private ManifestDocument document(Reference reference) throws IOException {
        Optional<StoredManifest> kept = tools.repositories().find(reference);
        if (kept.isEmpty()) {
            return tools.registry().manifest(reference, request.keyring());
        }
        Descriptor descriptor = kept.get().descriptor();
        byte[] bytes = tools.content().read(descriptor.digest(), ManifestCodec.LARGEST_BYTES);
        Descriptor bare = new Descriptor(descriptor.mediaType(), descriptor.digest(), descriptor.sizeBytes());
        return new ManifestDocument(
                bare,
                ManifestCodec.parse(bytes, descriptor.mediaType()),
                bytes,
                kept.get().guarded());
    }

    /// Holds the image to what is asked of those of its registry.
    private void verify(List<ManifestDocument> documents) throws IOException {
        List<Digest> digests = documents.stream()
                .map(document -> document.descriptor().digest())
                .toList();
        tools.signatures().verify(request.reference(), digests, request.keyring());
    }

    private ManifestDocument chosen(ImageIndex index) throws IOException {
        Descriptor chosen = request.platform()
                .choose(index)
                .orElseThrow(() -> new NotForThisPlatformException(request.platform(), platforms(index)));
        ManifestDocument document = document(request.reference().pinned(chosen.digest()));
        if (document.descriptor().sizeBytes() != chosen.sizeBytes()) {
            throw new CorruptContentException(chosen.digest(), "has another size than its index says");
        }
        if (document.descriptor().mediaType().isIndex() != chosen.mediaType().isIndex()) {
            throw new CorruptContentException(chosen.digest(), "has another type than its index says");
        }
        return document;
    }

    private byte[] configBytes(Digest image, Descriptor config) throws IOException {
        int most = tools.registry().limits().configBytes();
        if (config.sizeBytes() > most) {
            throw new MalformedDocumentException(
                    "config has %d bytes, more than the %d that are allowed".formatted(config.sizeBytes(), most));
        }
        if (isFree(config.digest(), image) && tools.content().contains(config.digest())) {
            byte[] here = tools.content().read(config.digest(), ImageConfigCodec.LARGEST_BYTES);
            if (isRight(config, here)) {
                return here;
            }
        }
        return fetchedConfig(config);
    }

    private byte[] fetchedConfig(Descriptor config) throws IOException {
        try (InputStream source =
                tools.registry().blob(request.reference().repository(), config, 0, request.keyring())) {
            byte[] bytes = source.readAllBytes();
            if (!isRight(config, bytes)) {
                throw new CorruptContentException(config.digest(), "has another digest");
            }
            return bytes;
        }
    }

    private static boolean isRight(Descriptor config, byte[] bytes) {
        return config.digest().of(bytes).equals(config.digest());
    }

    private ImageConfig config(ImageManifest manifest, byte[] bytes) throws IOException {
        ImageConfig config = CatalogCodec.checked(manifest, bytes);
        if (!request.platform().runs(config.platform())) {
            throw new NotForThisPlatformException(
                    request.platform(), config.platform().toString());
        }
        return config;
    }

    private void keep(List<ManifestDocument> documents, Descriptor config, byte[] configBytes) throws IOException {
        tools.content().put(config, configBytes);
        for (ManifestDocument document : documents) {
            tools.content().put(document.descriptor(), document.bytes());
        }
    }

    /// Packing makes no layer much larger, so one that does not fit packed is not fetched.
    private void checkSizes(ImageManifest manifest) throws MalformedDocumentException {
        for (Descriptor layer : manifest.layers()) {
            if (layer.sizeBytes() > tools.layers().largestBytes()) {
                throw new MalformedDocumentException("layer %s has %d bytes, more than the %d that are allowed"
                        .formatted(
                                layer.digest().shortHex(),
                                layer.sizeBytes(),
                                tools.layers().largestBytes()));
            }
        }
    }

    private interface Meanwhile {
        void run() throws IOException;
    }

    /// @param meanwhile runs while the layers travel: to put documents means to wait for the disk
    private long layers(Digest image, List<LayerPull.Order> orders, Meanwhile meanwhile) throws IOException {
        List<Boarded> boarded = new ArrayList<>();
        try {
            for (LayerPull.Order order : orders) {
                boarded.add(board(order));
            }
            meanwhile.run();
            long travelled = 0;
            for (Boarded layer : boarded.reversed()) {
                travelled += await(image, layer);
            }
            return travelled;
        } finally {
            // After a failure this ends the layers that nobody else waits for.
            boarded.forEach(layer -> layer.seat().close());
        }
    }

    private record Boarded(LayerPull.Order order, Flights<LayerPull.Key, LayerPull.Brought>.Seat seat) {}

    private Boarded board(LayerPull.Order order) {
        return new Boarded(order, tools.layerFlights().board(order.key(), progress, audience -> tools.layers()
                .run(order, audience)));
    }

    /// What came with somebody's credentials, for an image of another repository, is no gift to this one.
    private long await(Digest image, Boarded layer) throws IOException {
        LayerPull.Brought brought = brought(layer);
        if (!brought.isFor(layer.order()) && !isFree(layer.order().blob().digest(), image)) {
            tools.layers().prove(layer.order());
        }
        return brought.travelledBytes();
    }

    /// Whether anybody may have a blob that is here, or whoever may read this image's repository. What was pushed to a
    /// repository of this host came with its blobs; of a mirrored one, a stranger's manifest may be all that came.
    private boolean isFree(Digest blob, Digest image) {
        Repositories repositories = tools.repositories();
        return tools.catalog().get().isFree(blob, image, request.reference().repository())
                || repositories.list().stream()
                        .map(repositories::contents)
                        .anyMatch(contents -> !contents.mirrored() && contents.isOpen(blob));
    }

    /// A layer that another image's pull began may fail for reasons of that pull, such as its credentials.
    private LayerPull.Brought brought(Boarded layer) throws IOException {
        try {
            return layer.seat().await();
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (layer.seat().started()) {
                throw e;
            }
        }
        try (var own = board(layer.order()).seat()) {
            return own.await();
        }
    }

    /// The layers of the image, each once, for an image may have the same layer twice. The largest comes first,
    /// because the whole takes as long as the one that ends last; the smallest is waited for first, because it
    /// fails first.
    private List<LayerPull.Order> orders(ImageManifest manifest, ImageConfig config, boolean guarded) {
        Set<LayerPull.Order> orders = new HashSet<>();
        Repository repository = request.reference().repository();
        for (int i = 0; i < manifest.layers().size(); i++) {
            Descriptor blob = manifest.layers().get(i);
            DiffId diffId = config.diffIds().get(i);
            orders.add(new LayerPull.Order(repository, blob, diffId, request.keyring(), guarded));
        }
        return orders.stream()
                .sorted(Comparator.comparingLong(
                                (LayerPull.Order order) -> order.blob().sizeBytes())
                        .reversed())
                .toList();
    }

    private LocalImage image(List<ManifestDocument> documents, ImageManifest manifest, ImageConfig config) {
        Set<Digest> indexes = documents.subList(0, documents.size() - 1).stream()
                .map(document -> document.descriptor().digest())
                .collect(Collectors.toSet());
        Reference reference = request.reference();
        Set<Reference> names = reference.pin().isPresent() ? Set.of() : Set.of(reference);
        boolean guarded = isGuarded(documents);
        Digest top = documents.getFirst().descriptor().digest();
        Map<Reference, Digest> pulledAs = names.stream().collect(Collectors.toMap(name -> name, same -> top));
        Set<Repository> givenBy = guarded ? Set.of(reference.repository()) : Set.of();
        return new LocalImage(
                documents.getLast().descriptor(), manifest, config, indexes, names, guarded, pulledAs, givenBy);
    }

    private static boolean isGuarded(List<ManifestDocument> documents) {
        return documents.stream().anyMatch(ManifestDocument::guarded);
    }

    private static Set<Digest> documents(List<ManifestDocument> documents, ImageManifest manifest) {
        Set<Digest> used = new HashSet<>();
        documents.forEach(document -> used.add(document.descriptor().digest()));
        used.add(manifest.config().digest());
        return used;
    }

    private static Set<Digest> used(ImageManifest manifest, ImageConfig config) {
        Set<Digest> used = new HashSet<>();
        manifest.layers().forEach(layer -> used.add(layer.digest()));
        config.diffIds().stream().map(DiffId::digest).forEach(used::add);
        used.addAll(LocalImage.joints(config.diffIds()));
        return used;
    }

    private static String platforms(ImageIndex index) {
        return index.manifests().stream()
                .map(Descriptor::platform)
                .filter(platform -> platform != null)
                .map(Platform::toString)
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /// An image exists, but not for the platform that was asked for.
    static final class NotForThisPlatformException extends IOException {
        private static final long serialVersionUID = 1L;

        private NotForThisPlatformException(Platform wanted, String offered) {
            super("the image is not made for " + wanted + ", only for " + offered);
        }
    }
}
