package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.kind.Ulimit;
import dev.slipway.desired.model.OwnResources;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.Access;
import dev.slipway.engine.runtime.ContainerRequest.ImageMount;
import dev.slipway.engine.runtime.ContainerRequest.Layer;
import dev.slipway.engine.runtime.ContainerRequest.Stdio;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What one attempt of a container needs, as its manifest says.
public final class Containers {
    private static final String HUGE_PAGES = "hugepages-";

    private Containers() {}

    /// What the manifest does not say.
    ///
    /// @param mounts beside those of the manifest
    /// @param images what the manifest mounts of images
    public record Run(int attempt, LocalImage image, Layer layer, List<VolumeMount> mounts, List<ImageMount> images) {
        public Run {
            images = List.copyOf(images);
            mounts = List.copyOf(mounts);
        }
    }

    /// @param container one of the pod's, as in its spec
    /// @throws MissingReferenceException with the kubelet's words for `CreateContainerConfigError`
    public static ContainerRequest request(PodScope scope, JsonNode container, Run run)
            throws MissingReferenceException {
        Map<String, String> variables = Environment.of(scope, container);
        return new ContainerRequest(
                new ContainerName(
                        new PodUid(scope.pod().uid()), container.path("name").asText()),
                run.attempt(),
                run.image(),
                expanded(container.path("command"), variables),
                expanded(container.path("args"), variables),
                variables.entrySet().stream()
                        .map(variable -> variable.getKey() + "=" + variable.getValue())
                        .toList(),
                container.path("workingDir").asText(),
                new Stdio(
                        container.path("stdin").asBoolean(),
                        container.path("stdinOnce").asBoolean(),
                        container.path("tty").asBoolean()),
                Stream.concat(mounts(scope.spec(), container, variables).stream(), run.mounts().stream())
                        .toList(),
                resources(scope, container),
                SecurityContexts.merged(scope.pod(), container),
                run.layer(),
                Optional.of(container.path("targetContainerName").asText()).filter(name -> !name.isEmpty()),
                run.images(),
                CopyUps.of(scope, container, run.attempt()));
    }

    private static List<String> expanded(JsonNode words, Map<String, String> variables) {
        List<String> expanded = new ArrayList<>();
        words.forEach(word -> expanded.add(Expansion.expand(word.asText(), variables)));
        return expanded;
    }

    private static List<VolumeMount> mounts(JsonNode spec, JsonNode container, Map<String, String> variables)
            throws MissingReferenceException {
        List<VolumeMount> mounts = new ArrayList<>();
        for (JsonNode mount : container.path("volumeMounts")) {
            String volume = mount.path("name").asText();
            if (imageOf(spec, volume).isPresent()) {
                continue;
            }
            mounts.add(new VolumeMount(
                    volume,
                    path(mount),
                    subPath(mount, variables),
                    access(mount, isReadOnly(spec, volume)),
                    mount.path("mountPropagation").asText("None")));
        }
        return mounts;
    }

    /// Where a container mounts a volume.
    public static String path(JsonNode mount) {
        String path = mount.path("mountPath").asText();
        return path.startsWith("/") ? path : "/" + path;
    }

    private static String subPath(JsonNode mount, Map<String, String> variables) throws MissingReferenceException {
        String expression = mount.path("subPathExpr").asText();
        return expression.isEmpty() ? mount.path("subPath").asText() : Expansion.expandAll(expression, variables);
    }

    /// One mount of an image, by the reference in the manifest.
    ///
    /// @param pullPolicy as in the manifest
    public record ImageVolume(String reference, String pullPolicy, String mountPath, String subPath) {}

    /// What a container mounts of images.
    ///
    /// @throws MissingReferenceException with the kubelet's words for `CreateContainerConfigError`
    public static List<ImageVolume> imageVolumes(PodScope scope, JsonNode container) throws MissingReferenceException {
        List<ImageVolume> images = new ArrayList<>();
        for (JsonNode mount : container.path("volumeMounts")) {
            Optional<JsonNode> image = imageOf(scope.spec(), mount.path("name").asText());
            if (image.isPresent()) {
                images.add(new ImageVolume(
                        image.get().path("reference").asText(),
                        image.get().path("pullPolicy").asText(),
                        path(mount),
                        subPath(mount, Environment.of(scope, container))));
            }
        }
        return images;
    }

    private static Optional<JsonNode> imageOf(JsonNode spec, String name) {
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.path("name").asText().equals(name)) {
                return Optional.of(volume.path("image")).filter(JsonNode::isObject);
            }
        }
        return Optional.empty();
    }

    /// This host's kernel can do what `IfPossible` asks for.
    private static Access access(JsonNode mount, boolean isVolumeReadOnly) {
        if (!mount.path("readOnly").asBoolean()) {
            return isVolumeReadOnly ? Access.READ_ONLY : Access.READ_WRITE;
        }
        return switch (mount.path("recursiveReadOnly").asText()) {
            case "Enabled", "IfPossible" -> Access.RECURSIVE_READ_ONLY;
            default -> Access.READ_ONLY;
        };
    }

    private static boolean isReadOnly(JsonNode spec, String name) {
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.path("name").asText().equals(name)) {
                return PodVolumeSources.isReadOnly(volume);
            }
        }
        return false;
    }

    /// What it may use.
    public static Resources resources(PodScope scope, JsonNode container) {
        JsonNode limits = container.path("resources").path("limits");
        JsonNode requests = container.path("resources").path("requests");
        OptionalLong memory = Amounts.bytes(requests.path("memory"));
        return new Resources(
                Amounts.millis(requests.path("cpu")),
                Amounts.millis(limits.path("cpu")),
                memory,
                Amounts.bytes(limits.path("memory")),
                Amounts.bytes(limits.path(OwnResources.PIDS)),
                OomScore.adjustment(scope, container),
                rare(scope, limits));
    }

    private static Resources.Rare rare(PodScope scope, JsonNode limits) {
        OptionalLong weight = Amounts.bytes(limits.path(OwnResources.IO_WEIGHT));
        Map<Long, Long> hugePages = new HashMap<>();
        limits.properties().forEach(limit -> {
            if (limit.getKey().startsWith(HUGE_PAGES)) {
                Quantities.parse(limit.getKey().substring(HUGE_PAGES.length()))
                        .ifPresent(size -> hugePages.put(
                                size.longValue(),
                                Amounts.bytes(limit.getValue()).orElse(0)));
            }
        });
        return new Resources.Rare(
                Amounts.bytes(limits.path(OwnResources.SWAP)),
                weight.isPresent() ? OptionalInt.of(Math.toIntExact(weight.getAsLong())) : OptionalInt.empty(),
                Optional.ofNullable(scope.pod().annotations().get(PodAnnotations.CPUSET)),
                hugePages,
                ulimits(scope));
    }

    /// Validated with the pod; what was stored before there was such a rule says nothing.
    private static List<Resources.Rare.OfProcess> ulimits(PodScope scope) {
        String text = scope.pod().annotations().getOrDefault(PodAnnotations.ULIMITS, "");
        return Ulimit.parse(text).orElse(List.of()).stream()
                .map(limit ->
                        new Resources.Rare.OfProcess(limit.name().toUpperCase(Locale.ROOT), limit.soft(), limit.hard()))
                .toList();
    }
}
