package dev.slipway.engine.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Manifests and indexes as bytes and back.
public final class ManifestCodec {
    /// A manifest or index may have this many bytes; the distribution specification asks for at least 4 MiB.
    public static final int LARGEST_BYTES = Document.LARGEST_BYTES;

    /// An image may have this many layers.
    public static final int MOST_LAYERS = 500;

    private static final int MOST_MANIFESTS = 10_000;

    private ManifestCodec() {}

    /// Reads what a registry or a file gave. A document is refused where it could be read as two kinds, or where it
    /// says
    /// that it is something else than the media type it came with.
    ///
    /// @param declared the Content-Type or the descriptor's media type; null where nobody said
    public static Manifest parse(byte[] bytes, @Nullable MediaType declared) throws MalformedDocumentException {
        Document document = Document.parse(bytes, "manifest");
        if (document.has("manifests") && (document.has("layers") || document.has("config"))) {
            throw new MalformedDocumentException("manifest has members of an image and of an index");
        }
        if (document.number("schemaVersion") != 2) {
            throw new MalformedDocumentException(
                    "manifest.schemaVersion is " + document.number("schemaVersion") + ", only 2 is supported");
        }
        MediaType type = mediaType(document, declared);
        return type.isIndex() ? index(document, type) : image(document, type);
    }

    /// What a document that [#parse] accepts says of its subject and its type.
    public static Referral referral(byte[] bytes) throws MalformedDocumentException {
        Document document = Document.parse(bytes, "manifest");
        Document subject = document.object("subject");
        Document config = document.object("config");
        String type = document.text("artifactType");
        String fallback = config == null ? "" : config.text("mediaType");
        return new Referral(subject == null ? null : descriptor(subject), type.isEmpty() ? fallback : type);
    }

    /// The bytes of `manifest`: the same value gives the same bytes.
    public static byte[] write(ImageManifest manifest) {
        ObjectNode node = Document.MAPPER.createObjectNode();
        node.put("schemaVersion", 2);
        node.put("mediaType", manifest.mediaType().value());
        node.set("config", tree(manifest.config()));
        manifest.layers().forEach(layer -> node.withArray("layers").add(tree(layer)));
        if (manifest.layers().isEmpty()) {
            node.putArray("layers");
        }
        putAnnotations(node, manifest.annotations());
        return bytes(node);
    }

    /// The bytes of `index`: the same value gives the same bytes.
    public static byte[] write(ImageIndex index) {
        ObjectNode node = Document.MAPPER.createObjectNode();
        node.put("schemaVersion", 2);
        node.put("mediaType", index.mediaType().value());
        var manifests = node.putArray("manifests");
        index.manifests().forEach(manifest -> manifests.add(tree(manifest)));
        putAnnotations(node, index.annotations());
        return bytes(node);
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return Document.MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always writable", e);
        }
    }

    private static MediaType mediaType(Document document, @Nullable MediaType declared)
            throws MalformedDocumentException {
        MediaType inside = document.has("mediaType") ? new MediaType(document.text("mediaType")) : null;
        boolean told = declared != null && (declared.isIndex() || declared.isManifest());
        if (told && inside != null && !inside.equals(declared)) {
            throw new MalformedDocumentException("manifest came as " + declared + " and says it is " + inside);
        }
        MediaType type = inside != null ? inside : told ? declared : guess(document);
        if (type == null || !(type.isIndex() || type.isManifest())) {
            throw new MalformedDocumentException("manifest.mediaType is not supported: " + type);
        }
        if (type.isIndex() ? !document.has("manifests") : !document.has("config")) {
            throw new MalformedDocumentException("manifest says it is " + type + " and has other members");
        }
        return type;
    }

    private static MediaType guess(Document document) {
        return document.has("manifests") ? MediaType.OCI_INDEX : MediaType.OCI_MANIFEST;
    }

    private static ImageManifest image(Document document, MediaType type) throws MalformedDocumentException {
        List<Descriptor> layers = descriptors(document, "layers", MOST_LAYERS);
        Descriptor config = descriptor(document.requiredObject("config"));
        return new ImageManifest(type, config, layers, document.textMap("annotations"));
    }

    private static ImageIndex index(Document document, MediaType type) throws MalformedDocumentException {
        List<Descriptor> manifests = descriptors(document, "manifests", MOST_MANIFESTS);
        return new ImageIndex(type, manifests, document.textMap("annotations"));
    }

    private static List<Descriptor> descriptors(Document document, String member, int most)
            throws MalformedDocumentException {
        List<Document> elements = document.objects(member);
        if (elements.size() > most) {
            throw new MalformedDocumentException(document.path(member) + " has more than " + most + " entries");
        }
        List<Descriptor> found = new ArrayList<>();
        for (Document element : elements) {
            found.add(descriptor(element));
        }
        return found;
    }

    private static Descriptor descriptor(Document document) throws MalformedDocumentException {
        if (!document.has("size") || document.number("size") < 0) {
            throw new MalformedDocumentException(document.path("size") + " is missing or negative");
        }
        Document platform = document.object("platform");
        Descriptor descriptor = new Descriptor(
                new MediaType(document.requiredText("mediaType")),
                document.digest("digest"),
                document.number("size"),
                platform == null ? null : platform(platform),
                document.textMap("annotations"));
        checkInline(document, descriptor);
        return descriptor;
    }

    private static Platform platform(Document document) throws MalformedDocumentException {
        return new Platform(document.text("os"), document.text("architecture"), document.text("variant"));
    }

    /// A descriptor may carry the bytes themselves; then they must be the ones it names.
    private static void checkInline(Document document, Descriptor descriptor) throws MalformedDocumentException {
        if (!document.has("data")) {
            return;
        }
        byte[] data;
        try {
            data = Base64.getDecoder().decode(document.text("data"));
        } catch (IllegalArgumentException e) {
            throw new MalformedDocumentException(document.path("data") + " is not base64", e);
        }
        var hash = descriptor.digest().hasher();
        hash.update(data);
        if (data.length != descriptor.sizeBytes() || !descriptor.digest().matches(hash)) {
            throw new MalformedDocumentException(document.path("data") + " is not what the digest names");
        }
    }

    private static ObjectNode tree(Descriptor descriptor) {
        ObjectNode node = Document.MAPPER.createObjectNode();
        node.put("mediaType", descriptor.mediaType().value());
        node.put("digest", descriptor.digest().value());
        node.put("size", descriptor.sizeBytes());
        Platform platform = descriptor.platform();
        if (platform != null) {
            putPlatform(node.putObject("platform"), platform);
        }
        putAnnotations(node, descriptor.annotations());
        return node;
    }

    static void putPlatform(ObjectNode node, Platform platform) {
        node.put("architecture", platform.architecture());
        node.put("os", platform.os());
        if (!platform.variant().isEmpty()) {
            node.put("variant", platform.variant());
        }
    }

    private static void putAnnotations(ObjectNode node, Map<String, String> annotations) {
        if (!annotations.isEmpty()) {
            ObjectNode members = node.putObject("annotations");
            annotations.forEach(members::put);
        }
    }
}
