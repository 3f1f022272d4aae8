package dev.slipway.engine.runtime;

import dev.slipway.engine.volume.TreeUsage;
import java.util.Map;
import java.util.stream.Stream;

/// What a pod has written to this host's disks and nobody else keeps: it goes with the pod.
///
/// @param containers by name; those that have written
/// @param volumes empty directories on disk, by the pod's names for them
public record StorageUsage(Map<String, OfContainer> containers, Map<String, Amount> volumes) {
    public static final StorageUsage NOTHING = new StorageUsage(Map.of(), Map.of());

    public StorageUsage {
        containers = Map.copyOf(containers);
        volumes = Map.copyOf(volumes);
    }

    /// @param files of all types, directories too
    public record Amount(long bytes, long files) {
        public static final Amount NOTHING = new Amount(0, 0);

        static Amount of(TreeUsage usage) {
            return new Amount(usage.bytes(), usage.files());
        }
    }

    /// @param layer what lies in its writable layers, and in volumes of its image that end with the run
    /// @param logs of all its runs
    public record OfContainer(Amount layer, Amount logs) {
        public static final OfContainer NOTHING = new OfContainer(Amount.NOTHING, Amount.NOTHING);

        public long bytes() {
            return layer.bytes() + logs.bytes();
        }
    }

    public long bytes() {
        return Stream.concat(
                        containers.values().stream().map(OfContainer::bytes),
                        volumes.values().stream().map(Amount::bytes))
                .mapToLong(Long::longValue)
                .sum();
    }
}
