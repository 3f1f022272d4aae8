package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// The catalog as a file: the `index.json` of an OCI image layout, one descriptor for each name of an image, or one
/// without a name. Other tools can read the content directory by it.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/image-layout.md#indexjson-file OCI Image Spec:
///     index.json
final class CatalogCodec {
    private static final Logger LOG = Logger.getLogger(CatalogCodec.class);
    private static final String NAME = "org.opencontainers.image.ref.name";
    private static final String INDEXES = "dev.slipway.indexes";
    private static final String GUARDED = "dev.slipway.guarded";
    private static final String PULLED_AS = "dev.slipway.pulled-as";
    private static final String GIVEN_BY = "dev.slipway.given-by";

    /// Some registries have lost the type of old images' configs.
    private static final MediaType UNTYPED = new MediaType("application/octet-stream");

    private final ContentStore content;

    CatalogCodec(ContentStore content) {
        this.content = content;
    }

    static byte[] write(Catalog catalog) {
        List<Descriptor> descriptors = new ArrayList<>();
        Map<Digest, Entry> entries = new TreeMap<>(catalog.lost());
        catalog.images().forEach((digest, image) -> entries.put(digest, Entry.of(image)));
        for (Entry entry : entries.values()) {
            entry.names().stream().sorted().forEach(name -> descriptors.add(descriptor(entry, Optional.of(name))));
            if (entry.names().isEmpty()) {
                descriptors.add(descriptor(entry, Optional.empty()));
            }
        }
        return ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, descriptors, Map.of()));
    }

    /// One image of the file, its documents not yet read.
    ///
    /// @param manifest with its platform, if that is known, and without annotations
    record Entry(
            Descriptor manifest,
            Set<Digest> indexes,
            Set<Reference> names,
            boolean guarded,
            Map<Reference, Digest> pulledAs,
            Set<Repository> givenBy) {
        static Entry of(LocalImage image) {
            Descriptor descriptor = image.descriptor();
            Descriptor manifest = new Descriptor(
                    descriptor.mediaType(),
                    descriptor.digest(),
                    descriptor.sizeBytes(),
                    image.config().platform(),
                    Map.of());
            return new Entry(
                    manifest, image.indexes(), image.names(), image.guarded(), image.pulledAs(), image.givenBy());
        }

        /// Of its manifest, and of the indexes that it was chosen from.
        Set<Digest> digests() {
            Set<Digest> digests = new HashSet<>(indexes);
            digests.add(manifest.digest());
            return digests;
        }

        Entry without(Set<Reference> others) {
            Set<Reference> left = new HashSet<>(names);
            left.removeAll(others);
            Map<Reference, Digest> leftPulledAs = new HashMap<>(pulledAs);
            leftPulledAs.keySet().removeAll(others);
            return new Entry(manifest, indexes, left, guarded, leftPulledAs, givenBy);
        }

        Entry and(Entry other) {
            Set<Digest> allIndexes = new HashSet<>(indexes);
            allIndexes.addAll(other.indexes);
            Set<Reference> allNames = new HashSet<>(names);
            allNames.addAll(other.names);
            Map<Reference, Digest> allPulledAs = new HashMap<>(pulledAs);
            allPulledAs.putAll(other.pulledAs);
            Set<Repository> all = new HashSet<>(givenBy);
            all.addAll(other.givenBy);
            return new Entry(manifest, allIndexes, allNames, guarded || other.guarded, allPulledAs, all);
        }
    }

    static List<Entry> read(byte[] file) throws MalformedDocumentException {
        if (!(ManifestCodec.parse(file, MediaType.OCI_INDEX) instanceof ImageIndex index)) {
            throw new MalformedDocumentException("the catalog of images is not an index");
        }
        Map<Digest, Entry> entries = new TreeMap<>();
        for (Descriptor descriptor : index.manifests()) {
            entries.merge(descriptor.digest(), entry(descriptor), Entry::and);
        }
        return List.copyOf(entries.values());
    }

    /// The image whose manifest is `descriptor`, read from the content store.
    LocalImage image(Entry entry) throws IOException {
        ImageManifest manifest = manifest(entry.manifest());
        byte[] config = content.read(manifest.config().digest(), ImageConfigCodec.LARGEST_BYTES);
        return new LocalImage(
                bare(entry.manifest()),
                manifest,
                checked(manifest, config),
                entry.indexes(),
                entry.names(),
                entry.guarded(),
                entry.pulledAs(),
                entry.givenBy());
    }

    private ImageManifest manifest(Descriptor descriptor) throws IOException {
        byte[] bytes = content.read(descriptor.digest(), ManifestCodec.LARGEST_BYTES);
        Manifest manifest = ManifestCodec.parse(bytes, descriptor.mediaType());
        if (!(manifest instanceof ImageManifest image)) {
            throw new MalformedDocumentException(descriptor.digest() + " is an index, not an image");
        }
        return image;
    }

    /// What is known of an image that cannot be read.
    ///
    /// @param manifest empty where that is what cannot be read
    record Remains(Entry entry, Optional<ImageManifest> manifest) {
        /// Blobs that it is made of.
        Set<Digest> known() {
            Set<Digest> known = new HashSet<>(entry.indexes());
            known.add(entry.manifest().digest());
            manifest.ifPresent(read -> {
                known.add(read.config().digest());
                read.layers().forEach(layer -> known.add(layer.digest()));
            });
            return known;
        }
    }

    Remains remains(Entry entry) {
        try {
            return new Remains(entry, Optional.of(manifest(entry.manifest())));
        } catch (IOException e) {
            LOG.debugf(
                    "nor can its manifest digest=%s reason=%s", entry.manifest().digest(), e.getMessage());
            return new Remains(entry, Optional.empty());
        }
    }

    /// Reads the config of `manifest` and checks that they speak of the same layers.
    static ImageConfig checked(ImageManifest manifest, byte[] bytes) throws MalformedDocumentException {
        checkTypes(manifest);
        ImageConfig config = ImageConfigCodec.parse(bytes);
        if (config.diffIds().size() != manifest.layers().size()) {
            throw new MalformedDocumentException(
                    "the manifest has " + manifest.layers().size() + " layers and its config "
                            + config.diffIds().size());
        }
        return config;
    }

    /// Refuses what is distributed like an image and is none.
    static void checkTypes(ImageManifest manifest) throws MalformedDocumentException {
        MediaType type = manifest.config().mediaType();
        if (!type.isConfig() && !type.equals(UNTYPED)) {
            throw new MalformedDocumentException("not a container image: it has a config of type " + type);
        }
        for (Descriptor layer : manifest.layers()) {
            if (!layer.mediaType().isLayer()) {
                throw new MalformedDocumentException(
                        "not a container image: it has a layer of type " + layer.mediaType());
            }
        }
    }

    private static Descriptor descriptor(Entry entry, Optional<Reference> name) {
        Map<String, String> annotations = new TreeMap<>();
        name.ifPresent(each -> annotations.put(NAME, each.toString()));
        name.map(entry.pulledAs()::get).ifPresent(digest -> annotations.put(PULLED_AS, digest.value()));
        if (!entry.indexes().isEmpty()) {
            annotations.put(INDEXES, joined(entry.indexes()));
        }
        if (entry.guarded()) {
            annotations.put(GUARDED, "true");
        }
        if (!entry.givenBy().isEmpty()) {
            annotations.put(GIVEN_BY, joined(entry.givenBy()));
        }
        return annotated(entry.manifest(), annotations);
    }

    private static String joined(Set<?> parts) {
        return parts.stream().map(Object::toString).sorted().collect(Collectors.joining(" "));
    }

    private static Descriptor annotated(Descriptor manifest, Map<String, String> annotations) {
        return new Descriptor(
                manifest.mediaType(), manifest.digest(), manifest.sizeBytes(), manifest.platform(), annotations);
    }

    private static Descriptor bare(Descriptor manifest) {
        return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.sizeBytes());
    }

    private static Entry entry(Descriptor descriptor) throws MalformedDocumentException {
        Set<Digest> indexes = new HashSet<>();
        for (String digest : descriptor.annotations().getOrDefault(INDEXES, "").split(" ")) {
            Digest.parse(digest).ifPresent(indexes::add);
        }
        Set<Reference> names = names(descriptor.annotations().getOrDefault(NAME, ""));
        Map<Reference, Digest> pulledAs = new HashMap<>();
        Digest.parse(descriptor.annotations().getOrDefault(PULLED_AS, ""))
                .ifPresent(digest -> names.forEach(name -> pulledAs.put(name, digest)));
        boolean guarded = "true".equals(descriptor.annotations().get(GUARDED));
        Set<Repository> givenBy = new HashSet<>();
        for (String repository :
                descriptor.annotations().getOrDefault(GIVEN_BY, "").split(" ")) {
            names(repository).forEach(name -> givenBy.add(name.repository()));
        }
        return new Entry(annotated(descriptor, Map.of()), indexes, names, guarded, pulledAs, givenBy);
    }

    private static Set<Reference> names(String text) throws MalformedDocumentException {
        try {
            return text.isEmpty() ? Set.of() : Set.of(Reference.parse(text));
        } catch (InvalidReferenceException e) {
            throw new MalformedDocumentException("the catalog of images: " + e.getMessage());
        }
    }
}
