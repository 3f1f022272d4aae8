package dev.slipway.door.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Lists of manifests that are about another one: those of this registry, and those of the registry in whose stead it
/// is asked.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers OCI Distribution
///     Spec: Listing Referrers
record Referrers(View view, Mirrors mirrors) {
    Answer read(Request request, Meant meant, Route.Referrers route) throws IOException {
        Digest subject = Digest.parse(route.digest()).orElseThrow(() -> RefusedException.invalidDigest(route.digest()));
        Map<String, JsonNode> found = new LinkedHashMap<>();
        add(found, meant, subject);
        Optional<Meant> other = meant.isMirror()
                ? Optional.of(meant)
                : mirrors.otherwise(meant, view.own(route.name()), view.repositories());
        if (other.isPresent()) {
            addElsewhere(found, other.get(), subject);
        }
        ObjectNode index = Answer.MAPPER.createObjectNode();
        index.put("schemaVersion", 2).put("mediaType", MediaType.OCI_INDEX.value());
        ArrayNode list = index.putArray("manifests");
        Optional<String> type = request.parameter("artifactType");
        found.values().stream()
                .filter(manifest -> type.isEmpty()
                        || type.get().equals(manifest.path("artifactType").asText()))
                .forEach(list::add);
        Answer answer = Answer.bytes(200, MediaType.OCI_INDEX.value(), Answer.write(index));
        return type.isEmpty() ? answer : answer.with(Map.of("OCI-Filters-Applied", "artifactType"));
    }

    private void add(Map<String, JsonNode> found, Meant meant, Digest subject) {
        view.referrers(meant, subject)
                .forEach(manifest -> found.putIfAbsent(manifest.digest().value(), tree(manifest)));
    }

    /// What the other registry tells of a manifest that it shows to this caller; copies of that, while it does not
    /// answer.
    private void addElsewhere(Map<String, JsonNode> found, Meant other, Digest subject) throws IOException {
        Optional<Repository> mirrored = mirrors.mirrored(other);
        boolean isShown = mirrored.isPresent()
                && mirrors.through().manifest(mirrored.get(), subject.value()).isPresent()
                && view.isShown(other, mirrored.get(), subject);
        if (!isShown) {
            return;
        }
        Optional<List<byte[]>> index = mirrors.through().referrers(mirrored.get(), subject);
        if (index.isEmpty()) {
            add(found, other, subject);
            return;
        }
        for (byte[] page : index.get()) {
            for (JsonNode manifest : Answer.MAPPER.readTree(page).path("manifests")) {
                String digest = manifest.path("digest").asText();
                if (Digest.parse(digest).isPresent()) {
                    found.putIfAbsent(digest, manifest);
                }
            }
        }
    }

    private static ObjectNode tree(StoredManifest manifest) {
        ObjectNode node = Answer.MAPPER.createObjectNode();
        node.put("mediaType", manifest.descriptor().mediaType().value());
        node.put("digest", manifest.digest().value());
        node.put("size", manifest.descriptor().sizeBytes());
        if (!manifest.artifactType().isEmpty()) {
            node.put("artifactType", manifest.artifactType());
        }
        if (!manifest.descriptor().annotations().isEmpty()) {
            ObjectNode annotations = node.putObject("annotations");
            manifest.descriptor().annotations().forEach(annotations::put);
        }
        return node;
    }
}
