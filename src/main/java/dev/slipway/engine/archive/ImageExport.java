package dev.slipway.engine.archive;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.Decompression;
import dev.slipway.engine.layer.TarWriter;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Writes an image as a tar that other tools read. For one thread.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/image-layout.md OCI Image Spec: Image Layout
/// @spec https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format
///     Docker: Combined Image JSON + Filesystem Changeset Format
final class ImageExport {
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";
    private static final int BUFFER_BYTES = 1 << 16;

    private final ContentStore content;
    private final LocalImage image;
    private final TarWriter archive;
    private final Set<String> written = new HashSet<>();

    private ImageExport(ContentStore content, LocalImage image, OutputStream archive) {
        this.content = content;
        this.image = image;
        this.archive = new TarWriter(archive);
    }

    /// As [ImageArchives#write].
    static void write(ContentStore content, LocalImage image, String name, ArchiveFormat format, OutputStream to)
            throws IOException {
        OutputStream buffered = new BufferedOutputStream(to, BUFFER_BYTES);
        ImageExport export = new ImageExport(content, image, buffered);
        switch (format) {
            case OCI_LAYOUT -> export.layout(name);
            case DOCKER_ARCHIVE -> export.dockerArchive(name);
            case ROOTFS_TAR -> throw new IOException("an image cannot be written as a rootfs-tar");
        }
        export.archive.end();
        buffered.flush();
    }

    private void layout(String name) throws IOException {
        text("oci-layout", LAYOUT.getBytes(StandardCharsets.UTF_8));
        Descriptor manifest = new Descriptor(
                image.descriptor().mediaType(),
                image.digest(),
                image.descriptor().sizeBytes(),
                image.config().platform(),
                Map.of(REF_NAME, name.substring(name.lastIndexOf(':') + 1)));
        text("index.json", ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(manifest), Map.of())));
        blob(image.descriptor());
        blob(image.manifest().config());
        for (Descriptor layer : image.manifest().layers()) {
            blob(layer);
        }
    }

    private void blob(Descriptor blob) throws IOException {
        Digest digest = blob.digest();
        String name = "blobs/%s/%s".formatted(digest.algorithm(), digest.hex());
        if (written.add(name)) {
            try (InputStream stream = content.open(digest)) {
                archive.file(name, blob.sizeBytes(), stream);
            }
        }
    }

    private void dockerArchive(String name) throws IOException {
        JsonMapper mapper = JsonMapper.builder().build();
        Digest config = image.manifest().config().digest();
        ObjectNode entry = mapper.createObjectNode();
        entry.put("Config", config.hex() + ".json");
        entry.putArray("RepoTags").add(name);
        for (int i = 0; i < image.layers().size(); i++) {
            String layer = image.layers().get(i).digest().hex() + ".tar";
            entry.withArray("/Layers").add(layer);
            if (written.add(layer)) {
                unpacked(layer, image.manifest().layers().get(i));
            }
        }
        try (InputStream stream = content.open(config)) {
            archive.file(config.hex() + ".json", image.manifest().config().sizeBytes(), stream);
        }
        text("manifest.json", mapper.writeValueAsBytes(mapper.createArrayNode().add(entry)));
    }

    /// An archive says in front how long a file is, so a layer is unpacked twice: to be measured, and to be
    /// written.
    private void unpacked(String name, Descriptor layer) throws IOException {
        long size;
        try (InputStream packed = content.open(layer.digest());
                InputStream stream = Decompression.open(layer.mediaType(), packed)) {
            size = stream.transferTo(OutputStream.nullOutputStream());
        }
        try (InputStream packed = content.open(layer.digest());
                InputStream stream = Decompression.open(layer.mediaType(), packed)) {
            archive.file(name, size, stream);
        }
    }

    private void text(String name, byte[] bytes) throws IOException {
        archive.file(name, bytes.length, new ByteArrayInputStream(bytes));
    }
}
