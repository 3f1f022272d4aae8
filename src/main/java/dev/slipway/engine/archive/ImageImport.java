package dev.slipway.engine.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.slipway.engine.codec.GzipStream;
import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.content.Ingest;
import dev.slipway.engine.image.LayerTrees;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.Decompression;
import dev.slipway.engine.layer.LayerUnpacker;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.HistoryEntry;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.snapshot.Staging;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes an image present that lies in files of this host. For one import, on one thread.
final class ImageImport {
    /// As deep as images of several platforms are ever nested.
    private static final int DEEPEST_INDEX = 2;

    private static final MediaType PACKED = MediaType.OCI_LAYER_GZIP;

    private final ImageArchives.Rooms rooms;
    private final ImageArchives.Limits limits;
    private final Set<Digest> brought = new HashSet<>();

    private ImageImport(ImageArchives.Rooms rooms, ImageArchives.Limits limits) {
        this.rooms = rooms;
        this.limits = limits;
    }

    /// As [ImageArchives#take].
    static LocalImage run(
            ImageArchives.Rooms rooms,
            ImageArchives.Limits limits,
            Path source,
            ArchiveFormat format,
            Set<Reference> names)
            throws IOException {
        ImageImport run = new ImageImport(rooms, limits);
        boolean done = false;
        try {
            Descriptor manifest = format == ArchiveFormat.ROOTFS_TAR ? run.rootfs(source) : run.whole(source, format);
            LocalImage image = rooms.images().register(manifest, names, List.of());
            done = true;
            return image;
        } finally {
            if (!done) {
                rooms.images().free(run.brought);
            }
        }
    }

    private Descriptor whole(Path source, ArchiveFormat format) throws IOException {
        if (Files.isDirectory(source)) {
            try (ArchiveFiles files = ArchiveFiles.open(source)) {
                return read(files, format);
            }
        }
        try (Staging aside = rooms.snapshots().stage();
                InputStream file = open(source);
                InputStream archive = plain(file)) {
            LayerUnpacker.unpackFiles(archive, aside.directory(), limits.layers());
            try (ArchiveFiles files = ArchiveFiles.open(aside.directory())) {
                return read(files, format);
            }
        }
    }

    private Descriptor read(ArchiveFiles files, ArchiveFormat format) throws IOException {
        return format == ArchiveFormat.OCI_LAYOUT ? layout(files) : dockerArchive(files);
    }

    /// To open a pipe waits for a writer, and a device does not end.
    private static InputStream open(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("there is no file " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is no file");
        }
        return Files.newInputStream(file);
    }

    /// A file without the compression that its first bytes tell of, if any.
    private static InputStream plain(InputStream opened) throws IOException {
        BufferedInputStream stream = new BufferedInputStream(opened);
        stream.mark(4);
        byte[] first = stream.readNBytes(4);
        stream.reset();
        boolean isGzip = first.length > 1 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b;
        boolean isZstd = first.length == 4 && (first[0] & 0xff) == 0x28 && (first[1] & 0xff) == 0xb5;
        return isGzip || isZstd ? Decompression.open(PACKED, stream) : stream;
    }

    private Descriptor layout(ArchiveFiles files) throws IOException {
        Manifest index = ManifestCodec.parse(files.read("index.json", mostManifest()), MediaType.OCI_INDEX);
        if (!(index instanceof ImageIndex entries)) {
            throw new IOException("index.json is no index");
        }
        return ofIndex(files, entries, 0);
    }

    private Descriptor ofIndex(ArchiveFiles files, ImageIndex index, int depth) throws IOException {
        if (depth > DEEPEST_INDEX) {
            throw new IOException("an index in an index in an index is not taken");
        }
        for (Descriptor entry : index.manifests()) {
            if (entry.platform() != null && !Platform.host().runs(entry.platform())) {
                continue;
            }
            byte[] bytes = files.read(blob(entry.digest()), mostManifest());
            if (bytes.length != entry.sizeBytes() || !entry.digest().of(bytes).equals(entry.digest())) {
                throw new CorruptContentException(entry.digest(), "is not what the archive has under this name");
            }
            switch (ManifestCodec.parse(bytes, entry.mediaType())) {
                case ImageIndex inner -> {
                    return ofIndex(files, inner, depth + 1);
                }
                case ImageManifest manifest -> {
                    ImageConfig config = config(files, manifest.config());
                    if (config.diffIds().size() != manifest.layers().size()) {
                        throw new IOException("config and manifest name different numbers of layers");
                    }
                    for (int i = 0; i < config.diffIds().size(); i++) {
                        take(files, manifest.layers().get(i));
                        requireIs(manifest.layers().get(i), config.diffIds().get(i));
                        unpack(manifest.layers().get(i), config.diffIds().get(i));
                    }
                    join(config.diffIds());
                    take(files, entry);
                    return new Descriptor(entry.mediaType(), entry.digest(), entry.sizeBytes());
                }
            }
        }
        throw new IOException("it has no image for " + Platform.host());
    }

    private int mostManifest() {
        return limits.documents().manifestBytes();
    }

    private ImageConfig config(ArchiveFiles files, Descriptor blob) throws IOException {
        int most = limits.documents().configBytes();
        if (blob.sizeBytes() > most) {
            throw new IOException(
                    "its config has %d bytes, more than the %d that are allowed".formatted(blob.sizeBytes(), most));
        }
        take(files, blob);
        return checked(ImageConfigCodec.parse(rooms.content().read(blob.digest(), most)));
    }

    private static ImageConfig checked(ImageConfig config) throws IOException {
        if (!Platform.host().runs(config.platform())) {
            throw new IOException("it is for %s, and not for %s".formatted(config.platform(), Platform.host()));
        }
        return config;
    }

    private static String blob(Digest digest) {
        return "blobs/%s/%s".formatted(digest.algorithm(), digest.hex());
    }

    /// A digest is no secret: who only names a blob that is here does not get it.
    private void take(ArchiveFiles files, Descriptor blob) throws IOException {
        try (InputStream stream = files.open(blob(blob.digest()))) {
            if (rooms.content().contains(blob.digest())) {
                if (!isOf(stream, blob.digest())) {
                    throw new CorruptContentException(blob.digest(), "is not what the archive has under this name");
                }
                return;
            }
            brought.add(blob.digest());
            try (Ingest ingest = rooms.content().begin(blob.digest(), blob.sizeBytes())) {
                ingest.restart();
                stream.transferTo(new IngestStream(ingest));
                ingest.commit();
            }
        }
    }

    private static boolean isOf(InputStream stream, Digest digest) throws IOException {
        MessageDigest hash = Hashes.of(digest);
        stream.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), hash));
        return digest.matches(hash);
    }

    /// A config may name any layer that is here beside any blob. One that is not here is looked at when it is unpacked.
    private void requireIs(Descriptor blob, DiffId diffId) throws IOException {
        if (!rooms.trees().isPresent(diffId)) {
            return;
        }
        try (InputStream packed = rooms.content().open(blob.digest());
                InputStream archive = limits.layers().bound(Decompression.open(blob.mediaType(), packed))) {
            if (!isOf(archive, diffId.digest())) {
                throw new CorruptContentException(diffId.digest(), "is not the diffID of the archive");
            }
        }
    }

    private void unpack(Descriptor blob, DiffId diffId) throws IOException {
        if (rooms.trees().isPresent(diffId)) {
            return;
        }
        brought.add(diffId.digest());
        try (InputStream packed = rooms.content().open(blob.digest());
                LayerTrees.Unpacked tree = rooms.trees().unpack(diffId, blob.mediaType(), packed)) {
            tree.commit();
        }
    }

    private void join(List<DiffId> layers) throws IOException {
        brought.addAll(LocalImage.joints(layers));
        rooms.trees().join(layers);
    }

    private Descriptor dockerArchive(ArchiveFiles files) throws IOException {
        JsonNode entry = manifestJson(files.read("manifest.json", mostManifest()));
        byte[] config =
                files.read(entry.path("Config").asText(), limits.documents().configBytes());
        List<DiffId> diffIds = checked(ImageConfigCodec.parse(config)).diffIds();
        if (diffIds.size() != entry.path("Layers").size()) {
            throw new IOException("config and manifest.json name different numbers of layers");
        }
        if (diffIds.size() > ManifestCodec.MOST_LAYERS) {
            throw new IOException("it has more than %d layers".formatted(ManifestCodec.MOST_LAYERS));
        }
        Map<String, Packed> known = new HashMap<>();
        List<Descriptor> layers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            String name = entry.path("Layers").path(i).asText();
            Packed packed = known.containsKey(name) ? known.get(name) : pack(files, name);
            known.put(name, packed);
            if (!packed.diffId().equals(diffIds.get(i))) {
                throw new IOException("layer %d is not the one that the config names".formatted(i));
            }
            unpack(packed.blob(), packed.diffId());
            layers.add(packed.blob());
        }
        join(diffIds);
        return put(config, layers);
    }

    private Packed pack(ArchiveFiles files, String name) throws IOException {
        try (InputStream file = files.open(name);
                InputStream archive = plain(file)) {
            return pack(archive);
        }
    }

    private static JsonNode manifestJson(byte[] bytes) throws IOException {
        try {
            JsonNode images = JsonMapper.builder().build().readTree(bytes);
            if (images.size() != 1) {
                throw new IOException("manifest.json names %d images, and not one".formatted(images.size()));
            }
            return images.get(0);
        } catch (JsonProcessingException e) {
            throw new IOException("manifest.json is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private record Packed(Descriptor blob, DiffId diffId) {}

    /// Packs an archive that is not compressed, and stores it.
    private Packed pack(InputStream archive) throws IOException {
        MessageDigest hash = Digest.sha256Hasher();
        Ingest ingest = rooms.content().begin();
        try {
            try (OutputStream out = new DigestOutputStream(new GzipStream(new IngestStream(ingest)), hash)) {
                limits.layers().bound(archive).transferTo(out);
            }
            long sizeBytes = ingest.offsetBytes();
            Digest digest = ingest.commit();
            brought.add(digest);
            return new Packed(new Descriptor(PACKED, digest, sizeBytes), new DiffId(Digest.ofSha256(hash)));
        } finally {
            // Harmless after a commit.
            ingest.discard();
        }
    }

    private Descriptor rootfs(Path source) throws IOException {
        Packed packed;
        try (InputStream file = open(source);
                InputStream archive = plain(file)) {
            packed = pack(archive);
        }
        unpack(packed.blob(), packed.diffId());
        join(List.of(packed.diffId()));
        byte[] config = ImageConfigCodec.write(new ImageConfig(
                Platform.host(),
                null,
                RunParameters.EMPTY,
                List.of(packed.diffId()),
                List.of(HistoryEntry.of("import rootfs-tar", false))));
        return put(config, List.of(packed.blob()));
    }

    private Descriptor put(byte[] config, List<Descriptor> layers) throws IOException {
        Descriptor configBlob = Descriptor.of(MediaType.OCI_CONFIG, config);
        byte[] manifest = ManifestCodec.write(new ImageManifest(configBlob, layers));
        Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, manifest);
        brought.add(configBlob.digest());
        brought.add(descriptor.digest());
        rooms.content().put(configBlob, config);
        rooms.content().put(descriptor, manifest);
        return descriptor;
    }
}
