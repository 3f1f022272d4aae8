package dev.slipway.actor.storage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.StorageUsage;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// What a pod may write to this host's disks. Pure.
///
/// @param containers by name: writable layer and logs together
/// @param layer of each container alone
/// @param volumes empty directories on disk, by name
/// @param pod everything together; only where each container has a limit
/// @spec https://kubernetes.io/docs/concepts/storage/ephemeral-storage/ Kubernetes: Local ephemeral storage
public record StorageLimits(
        Map<String, Limit> containers, Optional<Limit> layer, Map<String, Limit> volumes, Optional<Limit> pod) {
    public static final StorageLimits NONE = new StorageLimits(Map.of(), Optional.empty(), Map.of(), Optional.empty());

    /// How full a storage layer is when people should hear of it.
    public static final int PRESSURE_PERCENT = 80;

    private static final String RESOURCE = "ephemeral-storage";

    public StorageLimits {
        containers = Map.copyOf(containers);
        volumes = Map.copyOf(volumes);
    }

    /// @param text as people wrote it
    public record Limit(long bytes, String text) {
        static Optional<Limit> of(JsonNode quantity) {
            return quantity.isMissingNode() || quantity.isNull() ? Optional.empty() : of(quantity.asText());
        }

        static Optional<Limit> of(String text) {
            return Quantities.parse(text)
                    .map(number ->
                            number.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue())
                    .map(bytes -> new Limit(bytes, text));
        }
    }

    public static StorageLimits of(ApiObject pod) {
        Map<String, Limit> containers = new HashMap<>();
        int unlimited = 0;
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode container : pod.spec().path(list)) {
                Optional<Limit> limit =
                        Limit.of(container.path("resources").path("limits").path(RESOURCE));
                limit.ifPresent(found -> containers.put(container.path("name").asText(), found));
                unlimited += limit.isPresent() ? 0 : 1;
            }
        }
        Map<String, Limit> volumes = new HashMap<>();
        for (JsonNode volume : pod.spec().path("volumes")) {
            JsonNode empty = volume.path("emptyDir");
            if (empty.path("medium").asText().isEmpty()) {
                Limit.of(empty.path("sizeLimit"))
                        .ifPresent(limit -> volumes.put(volume.path("name").asText(), limit));
            }
        }
        return new StorageLimits(
                containers,
                Limit.of(pod.annotations().getOrDefault(PodAnnotations.STORAGE_LAYER_SIZE_LIMIT, "")),
                volumes,
                unlimited == 0 ? Optional.of(sum(containers)) : Optional.empty());
    }

    private static Limit sum(Map<String, Limit> limits) {
        long bytes = 0;
        for (Limit limit : limits.values()) {
            bytes = limit.bytes() > Long.MAX_VALUE - bytes ? Long.MAX_VALUE : bytes + limit.bytes();
        }
        return limits.size() == 1 ? limits.values().iterator().next() : new Limit(bytes, Long.toString(bytes));
    }

    public boolean isEmpty() {
        return equals(NONE);
    }

    /// The first limit that is exceeded, in the words that the kubelet has for it, in its order.
    Optional<String> excess(StorageUsage usage) {
        return Stream.of(volumeExcess(usage), podExcess(usage), containerExcess(usage), layerExcess(usage))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /// What can be written before there is an excess.
    long headroomBytes(StorageUsage usage) {
        return LongStream.of(
                        containers.entrySet().stream()
                                .mapToLong(each -> each.getValue().bytes()
                                        - of(usage, each.getKey()).bytes())
                                .min()
                                .orElse(Long.MAX_VALUE),
                        volumes.entrySet().stream()
                                .mapToLong(each -> each.getValue().bytes() - volume(usage, each.getKey()))
                                .min()
                                .orElse(Long.MAX_VALUE),
                        pod.isPresent() ? pod.get().bytes() - usage.bytes() : Long.MAX_VALUE,
                        layer.isPresent() ? layer.get().bytes() - largestLayer(usage) : Long.MAX_VALUE)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /// Whether a storage layer has little room left.
    boolean isPressed(StorageUsage usage) {
        return layer.filter(limit -> largestLayer(usage) >= limit.bytes() / 100 * PRESSURE_PERCENT)
                .isPresent();
    }

    private Optional<String> volumeExcess(StorageUsage usage) {
        return volumes.entrySet().stream()
                .filter(each -> volume(usage, each.getKey()) > each.getValue().bytes())
                .map(each -> "Usage of EmptyDir volume \"%s\" exceeds the limit \"%s\". "
                        .formatted(each.getKey(), each.getValue().text()))
                .sorted()
                .findFirst();
    }

    private Optional<String> podExcess(StorageUsage usage) {
        return pod.filter(limit -> usage.bytes() > limit.bytes())
                .map(limit -> "Pod ephemeral local storage usage exceeds the total limit of containers %s. "
                        .formatted(limit.text()));
    }

    private Optional<String> containerExcess(StorageUsage usage) {
        return containers.entrySet().stream()
                .filter(each ->
                        of(usage, each.getKey()).bytes() > each.getValue().bytes())
                .map(each -> "Container %s exceeded its local ephemeral storage limit \"%s\". "
                        .formatted(each.getKey(), each.getValue().text()))
                .sorted()
                .findFirst();
    }

    private Optional<String> layerExcess(StorageUsage usage) {
        return layer.filter(limit -> largestLayer(usage) > limit.bytes())
                .map(limit -> "Storage layer exceeds the limit \"%s\". ".formatted(limit.text()));
    }

    private static long largestLayer(StorageUsage usage) {
        return usage.containers().values().stream()
                .mapToLong(each -> each.layer().bytes())
                .max()
                .orElse(0);
    }

    private static long volume(StorageUsage usage, String name) {
        return usage.volumes().getOrDefault(name, StorageUsage.Amount.NOTHING).bytes();
    }

    private static StorageUsage.OfContainer of(StorageUsage usage, String container) {
        return usage.containers().getOrDefault(container, StorageUsage.OfContainer.NOTHING);
    }
}
