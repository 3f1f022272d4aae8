package dev.slipway.actor.space;

import dev.slipway.disk.FileSystemSpace;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What takes space on this host, and what could be freed, at one moment.
///
/// @param fileSystem the one that all of it lies on
/// @param images largest first
public record SpaceReport(
        FileSystemSpace fileSystem, CollectionSettings settings, List<Usage> usages, List<ImageUsage> images) {
    public SpaceReport {
        usages = List.copyOf(usages);
        images = List.copyOf(images);
    }

    /// What one kind of thing takes.
    ///
    /// @param count how many there are
    /// @param inUse how many of them somebody needs
    /// @param bytes on disk
    /// @param reclaimableBytes how much of that `slipway system prune` frees, with `--volumes` where it is volumes
    public record Usage(String kind, int count, int inUse, long bytes, long reclaimableBytes) {}

    /// What one image takes.
    ///
    /// @param names by which it is known here
    /// @param bytes packed and unpacked
    /// @param uniqueBytes how much of that no other image has
    /// @param unusedSince since when no pod, Container, Tag or build needs it; empty when one does, or when no
    ///     Image shows it
    public record ImageUsage(
            String digest, List<String> names, long bytes, long uniqueBytes, Optional<Instant> unusedSince) {
        public ImageUsage {
            names = List.copyOf(names);
        }

        public long sharedBytes() {
            return bytes - uniqueBytes;
        }
    }

    public long bytes() {
        return usages.stream().mapToLong(Usage::bytes).sum();
    }

    public long reclaimableBytes() {
        return usages.stream().mapToLong(Usage::reclaimableBytes).sum();
    }
}
