package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the volumes of a pod must be.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/ Kubernetes: Volume
public final class VolumeRules {
    /// Sources that are made; another one is refused, because a pod without its data must not start.
    private static final List<String> SUPPORTED = List.of(
            "configMap",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "hostPath",
            "image",
            "nfs",
            "persistentVolumeClaim",
            "projected",
            "secret",
            "volume");

    private static final List<String> PROJECTED = List.of("configMap", "downwardAPI", "secret");
    /// What `hostPath.type` may say.
    public static final List<String> HOST_PATH_TYPES = List.of(
            "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket");
    private static final int LARGEST_MODE = 0777;
    private static final String MODE_RULE = "must be a number between 0 and 0777 (octal), both inclusive";

    private VolumeRules() {}

    /// @return the names, for mounts to use
    public static Set<String> validate(Place volumes) {
        Set<String> names = new HashSet<>();
        for (Place volume : volumes.items()) {
            Place name = volume.at("name");
            name.requireReads(Names::label);
            if (!name.isEmpty()) {
                name.unique(names);
            }
            source(volume);
        }
        return names;
    }

    private static void source(Place volume) {
        List<String> sources = volume.value().properties().stream()
                .map(Map.Entry::getKey)
                .filter(field -> !field.equals("name"))
                .toList();
        sources.stream().skip(1).forEach(extra -> volume.at(extra)
                .forbidden("may not specify more than 1 volume type"));
        for (String source : sources) {
            if (!SUPPORTED.contains(source)) {
                volume.findings().notSupported(volume.path(), source, SUPPORTED);
            }
        }
        volume.present(SUPPORTED).forEach(VolumeRules::details);
    }

    private static void details(Place source) {
        switch (source.name()) {
            case "emptyDir" -> emptyDir(source);
            case "ephemeral" -> ephemeral(source.at("volumeClaimTemplate"));
            case "hostPath" -> hostPath(source);
            case "image" -> image(source);
            case "nfs" -> nfs(source);
            case "volume" -> source.at("name").requireReads(Names::subdomain);
            case "persistentVolumeClaim" -> source.at("claimName").requireReads(Names::subdomain);
            case "projected" -> projected(source);
            default -> files(source, source.name().equals("secret") ? "secretName" : "name");
        }
    }

    private static void emptyDir(Place source) {
        Place medium = source.at("medium");
        if (!medium.text().matches("HugePages(-[0-9]+[KMG]i)?")) {
            medium.oneOf(List.of("", "HugePages", "Memory"));
        }
        if (source.at("sizeLimit").isThere()) {
            ResourceRules.quantity(source.at("sizeLimit"));
        }
    }

    private static void hostPath(Place source) {
        Place path = source.at("path");
        if (path.require()) {
            path.holds(path.text().startsWith("/"), "must be an absolute path");
            path.holds(!List.of(path.text().split("/")).contains(".."), "must not contain '..'");
        }
        source.at("type").oneOf(HOST_PATH_TYPES);
    }

    /// What its claim is made of. Its name is that of the pod and the volume.
    private static void ephemeral(Place template) {
        if (template.require()) {
            ClaimKind.spec(template.at("spec"));
            template.at("metadata").value().properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(field -> !field.equals("labels") && !field.equals("annotations"))
                    .forEach(field -> template.at("metadata")
                            .at(field)
                            .forbidden("only labels and annotations are of the claim's template"));
        }
    }

    private static void image(Place source) {
        source.at("reference").require();
        source.at("pullPolicy").oneOf(ContainerRules.PULL_POLICIES);
    }

    /// Also of a PersistentVolume.
    static void nfs(Place source) {
        source.at("server").require();
        Place path = source.at("path");
        if (path.require()) {
            path.holds(path.text().startsWith("/"), "must be an absolute path");
        }
    }

    private static void projected(Place source) {
        mode(source.at("defaultMode"));
        for (Place each : source.at("sources").items()) {
            List<String> kinds =
                    each.value().properties().stream().map(Map.Entry::getKey).toList();
            kinds.stream().skip(1).forEach(extra -> each.at(extra)
                    .forbidden("may not specify more than 1 volume type"));
            for (String kind : kinds) {
                if (PROJECTED.contains(kind)) {
                    files(each.at(kind), "name");
                } else {
                    each.findings().notSupported(each.path(), kind, PROJECTED);
                }
            }
        }
    }

    /// Files made of a ConfigMap, a Secret, or fields of the pod.
    private static void files(Place source, String nameField) {
        boolean isDownward = source.name().equals("downwardAPI");
        if (!isDownward) {
            source.at(nameField).require();
        }
        mode(source.at("defaultMode"));
        for (Place item : source.at("items").items()) {
            if (isDownward) {
                downward(item);
            } else {
                item.at("key").require();
            }
            Place path = item.at("path");
            if (path.require()) {
                path.staysBelow();
                path.holds(!path.text().startsWith("..") || path.text().startsWith("../"), "must not start with '..'");
            }
            mode(item.at("mode"));
        }
    }

    private static void downward(Place item) {
        Place field = item.at("fieldRef");
        Place resource = item.at("resourceFieldRef");
        if (field.isThere() && resource.isThere()) {
            item.findings()
                    .invalid(
                            item.path(),
                            "resource",
                            "fieldRef and resourceFieldRef can not be specified simultaneously");
        } else if (field.isThere()) {
            EnvironmentRules.field(field, true);
        } else if (resource.isThere()) {
            resource.at("containerName").require();
            EnvironmentRules.resource(resource);
        } else {
            item.required("one of fieldRef and resourceFieldRef is required");
        }
    }

    private static void mode(Place mode) {
        mode.holds(mode.value().asLong() >= 0 && mode.value().asLong() <= LARGEST_MODE, MODE_RULE);
    }
}
