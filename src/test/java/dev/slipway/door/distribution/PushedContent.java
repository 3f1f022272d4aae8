package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What a client pushes: blobs, and documents about them of which the last one gets a tag. Its blobs are its own.
final class PushedContent {
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final String EMPTY = "application/vnd.oci.empty.v1+json";
    private static final String EXAMPLE = "application/vnd.example.note";

    /// @param digest what it is pushed under
    record Document(MediaType type, byte[] bytes, Digest digest) {}

    final String name;
    final Map<Digest, byte[]> blobs = new LinkedHashMap<>();
    final List<Document> documents = new ArrayList<>();

    /// What its last document is about; empty for nothing.
    String subject = "";

    private final Digest like;

    private PushedContent(String name, Digest like) {
        this.name = name;
        this.like = like;
    }

    private PushedContent(String name) {
        this(name, Digest.sha256(new byte[0]));
    }

    @Override
    public String toString() {
        return name;
    }

    Document last() {
        return documents.getLast();
    }

    /// One of each kind that there is.
    static List<PushedContent> kinds() {
        return List.of(
                new PushedContent("an image").image(""),
                new PushedContent("an image of another algorithm", new Digest("sha512:" + "0".repeat(128))).image(""),
                new PushedContent("an image without layers")
                        .manifest("application/vnd.oci.image.config.v1+json", 0, ""),
                new PushedContent("an image with members of its own")
                        .image(",\"org.example.list\":[1,{\"a\":null}],\"annotations\":{\"a\":\"\"}"),
                new PushedContent("an image whose layers are elsewhere").foreign(),
                new PushedContent("an image whose descriptors have their bytes with them").inline(),
                new PushedContent("a manifest of four mebibytes").large(),
                new PushedContent("an artifact").artifact(2, ""),
                new PushedContent("an artifact without layers").artifact(0, ""),
                new PushedContent("an artifact about nothing that is here").artifact(1, nowhere()),
                new PushedContent("an index").image("").image("").index(""),
                new PushedContent("an index of nothing").index(""),
                new PushedContent("an index of indexes").image("").index("").index(""),
                new PushedContent("an index of artifacts")
                        .artifact(1, "")
                        .artifact(1, "")
                        .index(",\"artifactType\":\"" + EXAMPLE + "\""),
                new PushedContent("an index about an image").image("").aboutLast());
    }

    private static String nowhere() {
        return "sha256:" + "a".repeat(64);
    }

    private Digest digest(byte[] bytes) {
        return like.of(bytes);
    }

    private String blob(String type, String text, String more) {
        byte[] bytes = text.getBytes(UTF_8);
        blobs.put(digest(bytes), bytes);
        return descriptor(type, digest(bytes), bytes.length, more);
    }

    private static String descriptor(String type, Digest digest, long size, String more) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}".formatted(type, digest, size, more);
    }

    private PushedContent document(MediaType type, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        documents.add(new Document(type, bytes, digest(bytes)));
        return this;
    }

    private PushedContent image(String more) {
        return manifest("application/vnd.oci.image.config.v1+json", 2, more);
    }

    private PushedContent artifact(int layers, String about) {
        subject = about;
        String reference = about.isEmpty()
                ? ""
                : ",\"subject\":" + descriptor(MediaType.OCI_MANIFEST.value(), new Digest(about), 99, "");
        return manifest(EMPTY, layers, ",\"artifactType\":\"" + EXAMPLE + "\"" + reference);
    }

    private PushedContent manifest(String configType, int layers, String more) {
        String config = blob(configType, "{\"of\":\"%s %d\"}".formatted(name, documents.size()), "");
        String list = IntStream.range(0, layers)
                .mapToObj(at -> blob(LAYER, "%s %d %d".formatted(name, documents.size(), at), ""))
                .collect(Collectors.joining(","));
        return document(config, list, more);
    }

    private PushedContent document(String config, String layers, String more) {
        return document(
                MediaType.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}"
                        .formatted(MediaType.OCI_MANIFEST, config, layers, more));
    }

    private PushedContent foreign() {
        String config = blob("application/vnd.oci.image.config.v1+json", "{\"of\":\"" + name + "\"}", "");
        String layer = descriptor(
                "application/vnd.oci.image.layer.nondistributable.v1.tar",
                new Digest(nowhere()),
                77,
                ",\"urls\":[\"https://example.invalid/layer\"]");
        return document(config, layer, "");
    }

    private PushedContent inline() {
        String config = blob(EMPTY, "{}", ",\"data\":\"e30=\"");
        return document(config, blob(LAYER, "a", ",\"data\":\"YQ==\""), "");
    }

    /// As many bytes as the specification wants taken at least.
    private PushedContent large() {
        String config = blob("application/vnd.oci.image.config.v1+json", "{\"of\":\"" + name + "\"}", "");
        int frame = documentOf(config, "").length();
        return document(MediaType.OCI_MANIFEST, documentOf(config, "x".repeat((4 << 20) - frame)));
    }

    private static String documentOf(String config, String note) {
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[],\"annotations\":{\"note\":\"%s\"}}"
                .formatted(MediaType.OCI_MANIFEST, config, note);
    }

    /// Lists what is there so far and is in no index yet.
    private PushedContent index(String more) {
        List<Document> listed = documents.stream().anyMatch(each -> each.type().equals(MediaType.OCI_INDEX))
                ? List.of(documents.getLast())
                : List.copyOf(documents);
        String list = listed.stream()
                .map(each -> descriptor(each.type().value(), each.digest(), each.bytes().length, ""))
                .collect(Collectors.joining(","));
        return document(
                MediaType.OCI_INDEX,
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]%s}"
                        .formatted(MediaType.OCI_INDEX, list, more));
    }

    private PushedContent aboutLast() {
        Document about = last();
        subject = about.digest().value();
        return index(",\"artifactType\":\"%s\",\"subject\":%s"
                .formatted(EXAMPLE, descriptor(about.type().value(), about.digest(), about.bytes().length, "")));
    }
}
