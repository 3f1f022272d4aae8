package dev.slipway.engine.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A repository as a file and back.
final class RepositoryCodec {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private RepositoryCodec() {}

    static byte[] write(RepositoryContents contents) {
        ObjectNode root = MAPPER.createObjectNode();
        if (contents.mirrored()) {
            root.put("mirrored", true);
        }
        ObjectNode manifests = root.putObject("manifests");
        contents.manifests().values().stream()
                .sorted((one, other) -> one.digest().compareTo(other.digest()))
                .forEach(manifest -> manifests.set(manifest.digest().value(), tree(manifest)));
        ObjectNode tags = root.putObject("tags");
        contents.tags().forEach((tag, digest) -> tags.put(tag, digest.value()));
        if (!contents.pushers().isEmpty()) {
            ObjectNode pushers = root.putObject("pushers");
            contents.pushers().forEach(pushers::put);
        }
        if (!contents.unused().isEmpty()) {
            ObjectNode unused = root.putObject("unused");
            new TreeMap<>(contents.unused()).forEach((digest, since) -> unused.put(digest.value(), since.toString()));
        }
        try {
            return MAPPER.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always writable", e);
        }
    }

    /// @throws IOException when the file is not what [#write] wrote
    static RepositoryContents read(byte[] file) throws IOException {
        JsonNode root = MAPPER.readTree(file);
        try {
            Map<Digest, StoredManifest> manifests = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : root.path("manifests").properties()) {
                StoredManifest manifest = manifest(new Digest(entry.getKey()), entry.getValue());
                manifests.put(manifest.digest(), manifest);
            }
            SortedMap<String, Digest> tags = new TreeMap<>();
            root.path("tags")
                    .properties()
                    .forEach(tag ->
                            tags.put(tag.getKey(), new Digest(tag.getValue().asText())));
            SortedMap<String, String> pushers = new TreeMap<>();
            root.path("pushers")
                    .properties()
                    .forEach(tag -> pushers.put(tag.getKey(), tag.getValue().asText()));
            Map<Digest, Instant> unused = new HashMap<>();
            root.path("unused")
                    .properties()
                    .forEach(each -> unused.put(
                            new Digest(each.getKey()),
                            Instant.parse(each.getValue().asText())));
            return new RepositoryContents(
                    manifests, tags, pushers, root.path("mirrored").asBoolean(), unused);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw new IOException("not a repository: " + e.getMessage(), e);
        }
    }

    private static ObjectNode tree(StoredManifest manifest) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("mediaType", manifest.descriptor().mediaType().value());
        node.put("size", manifest.descriptor().sizeBytes());
        put(node, "blobs", manifest.blobs());
        put(node, "manifests", manifest.manifests());
        manifest.about().ifPresent(subject -> node.put("subject", subject.value()));
        if (!manifest.artifactType().isEmpty()) {
            node.put("artifactType", manifest.artifactType());
        }
        if (manifest.guarded()) {
            node.put("guarded", true);
        }
        if (!manifest.descriptor().annotations().isEmpty()) {
            ObjectNode annotations = node.putObject("annotations");
            manifest.descriptor().annotations().forEach(annotations::put);
        }
        return node;
    }

    private static void put(ObjectNode node, String member, Collection<Digest> digests) {
        if (!digests.isEmpty()) {
            digests.stream().sorted().forEach(digest -> node.withArray(member).add(digest.value()));
        }
    }

    private static StoredManifest manifest(Digest digest, JsonNode node) {
        Map<String, String> annotations = new LinkedHashMap<>();
        node.path("annotations")
                .properties()
                .forEach(entry ->
                        annotations.put(entry.getKey(), entry.getValue().asText()));
        MediaType type = new MediaType(node.path("mediaType").asText());
        return new StoredManifest(
                new Descriptor(type, digest, node.path("size").asLong(), null, annotations),
                digests(node.path("blobs")),
                digests(node.path("manifests")),
                digest(node.path("subject")),
                node.path("artifactType").asText(),
                node.path("guarded").asBoolean());
    }

    private static Set<Digest> digests(JsonNode list) {
        Set<Digest> digests = new HashSet<>();
        list.forEach(each -> digests.add(new Digest(each.asText())));
        return digests;
    }

    private static @Nullable Digest digest(JsonNode text) {
        return text.isTextual() ? new Digest(text.asText()) : null;
    }
}
