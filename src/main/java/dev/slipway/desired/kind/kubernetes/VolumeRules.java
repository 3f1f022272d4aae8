package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What the volumes of a pod must be.
public final class VolumeRules {
    /// Sources that are made; another one is refused, because a pod without its data must not start.
    private static final List<String> SUPPORTED =
            List.of("emptyDir", "hostPath", "configMap", "secret", "downwardAPI", "projected", "volume");

    private VolumeRules() {}

    /// @return the names, for mounts to use
    public static Set<String> validate(JsonNode volumes, String path, Findings findings) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < volumes.size(); i++) {
            JsonNode volume = volumes.get(i);
            String at = path + "[" + i + "]";
            String name = volume.path("name").asText();
            if (name.isEmpty()) {
                findings.required(at + ".name");
            } else if (!Names.isLabel(name)) {
                findings.invalid(at + ".name", name, Names.LABEL_RULE);
            } else if (!names.add(name)) {
                findings.duplicate(at + ".name", name);
            }
            source(volume, at, findings);
        }
        return names;
    }

    private static void source(JsonNode volume, String path, Findings findings) {
        List<String> sources = volume.properties().stream()
                .map(entry -> entry.getKey())
                .filter(field -> !field.equals("name"))
                .toList();
        if (sources.size() > 1) {
            findings.forbidden(path + "." + sources.get(1), "may not specify more than 1 volume type");
        }
        for (String source : sources) {
            if (!SUPPORTED.contains(source)) {
                findings.notSupported(path, source, SUPPORTED);
            }
        }
        if (volume.has("hostPath")
                && !volume.path("hostPath").path("path").asText().startsWith("/")) {
            findings.invalid(
                    path + ".hostPath.path",
                    volume.path("hostPath").path("path").asText(),
                    "must be an absolute path");
        }
        if (volume.has("volume") && volume.path("volume").path("name").asText().isEmpty()) {
            findings.required(path + ".volume.name");
        }
    }
}
