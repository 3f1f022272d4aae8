package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.engine.volume.ProjectedFile;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The files of volumes that are made of ConfigMaps, Secrets and fields of the pod.
///
/// @spec https://kubernetes.io/docs/concepts/storage/projected-volumes/ Kubernetes: Projected Volumes
final class VolumeFiles {
    private static final int DEFAULT_MODE = 0644;

    private final PodScope scope;
    private final Map<String, ProjectedFile> files = new TreeMap<>();

    private VolumeFiles(PodScope scope) {
        this.scope = scope;
    }

    /// @param volume with one of `configMap`, `secret`, `downwardAPI` and `projected`
    static Map<String, ProjectedFile> of(PodScope scope, JsonNode volume) throws MissingReferenceException {
        VolumeFiles files = new VolumeFiles(scope);
        JsonNode projected = volume.path("projected");
        if (projected.isObject()) {
            for (JsonNode source : projected.path("sources")) {
                files.add(source, mode(projected.path("defaultMode"), DEFAULT_MODE), "name");
            }
        } else {
            files.add(volume, DEFAULT_MODE, "secretName");
        }
        return files.files;
    }

    private void add(JsonNode source, int defaultMode, String nameOfSecret) throws MissingReferenceException {
        JsonNode map = source.path("configMap");
        JsonNode secret = source.path("secret");
        JsonNode downward = source.path("downwardAPI");
        if (map.isObject()) {
            String name = map.path("name").asText();
            addKeys(ConfigSource.configMap(scope, name, isOptional(map)), map, defaultMode);
        } else if (secret.isObject()) {
            String name = secret.path(nameOfSecret).asText();
            addKeys(ConfigSource.secret(scope, name, isOptional(secret)), secret, defaultMode);
        } else if (downward.isObject()) {
            addFields(downward, mode(downward.path("defaultMode"), defaultMode));
        }
    }

    private void addKeys(Optional<ConfigSource> found, JsonNode source, int defaultMode)
            throws MissingReferenceException {
        if (found.isEmpty()) {
            return;
        }
        ConfigSource config = found.get();
        int mode = mode(source.path("defaultMode"), defaultMode);
        if (source.path("items").isEmpty()) {
            config.entries().forEach((key, content) -> files.put(key, new ProjectedFile(content, mode)));
            return;
        }
        for (JsonNode item : source.path("items")) {
            byte[] content = config.entries().get(item.path("key").asText());
            if (content != null) {
                files.put(item.path("path").asText(), new ProjectedFile(content, mode(item.path("mode"), mode)));
            } else if (!isOptional(source)) {
                throw new MissingReferenceException("references non-existent %s key: %s"
                        .formatted(
                                config.label().equals("Secret") ? "secret" : "config",
                                item.path("key").asText()));
            }
        }
    }

    private void addFields(JsonNode downward, int mode) throws MissingReferenceException {
        for (JsonNode item : downward.path("items")) {
            JsonNode field = item.path("fieldRef");
            String value = field.isObject()
                    ? PodFields.value(scope, field.path("fieldPath").asText())
                    : ResourceFields.value(scope, item.path("resourceFieldRef"), MissingNode.getInstance());
            byte[] content = value.getBytes(StandardCharsets.UTF_8);
            files.put(item.path("path").asText(), new ProjectedFile(content, mode(item.path("mode"), mode)));
        }
    }

    private static int mode(JsonNode mode, int otherwise) {
        return mode.isNumber() ? mode.asInt() & 0777 : otherwise;
    }

    private static boolean isOptional(JsonNode source) {
        return source.path("optional").asBoolean();
    }
}
