package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.PodIP;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a container is doing.
public record ContainerStatus(
        @JsonPropertyDescription("The generation that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "In one word: Pending, Creating, Running, Paused, Stopping, Stopped, Exited or CrashLoop.")
        @Nullable
        String phase,

        @JsonPropertyDescription("What is true of the object; Ready, Reconciling and Stalled are always there.")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("The image that it runs.") @Nullable
        ImageInUse image,

        @JsonPropertyDescription("The pod through which it runs.") @Nullable
        ObjectReference podRef,

        @JsonPropertyDescription("Its first process, as the host counts.") @Nullable
        Long pid,

        @JsonPropertyDescription("Its addresses.") @Nullable List<PodIP> podIPs,

        @JsonPropertyDescription("When its first process began.") @Nullable
        String startedAt,

        @JsonPropertyDescription("When its first process ended.") @Nullable
        String finishedAt,

        @JsonPropertyDescription("How its first process ended; 128 and the number for a signal.") @Nullable
        Integer exitCode,

        @JsonPropertyDescription("The signal that ended it.") @Nullable
        Integer signal,

        @JsonPropertyDescription("Whether the kernel ended it for want of memory.") @Nullable
        Boolean oomKilled,

        @JsonPropertyDescription("Why it is not running, in one word.") @Nullable
        String reason,

        @JsonPropertyDescription("How often it was started again.") @Nullable
        Integer restartCount,

        @JsonPropertyDescription("When it will be started again.") @Nullable
        String nextRestartTime,

        @JsonPropertyDescription("Which users of the host its are; absent when they are the same.") @Nullable
        UserIds userNamespace,

        @JsonPropertyDescription("What it has written to its root, when that was noteworthy last; absent while nobody"
                + " counts, because there is no limit.")
        @Nullable
        StorageLayerUsage storageLayer,

        @JsonPropertyDescription("Volumes made for paths that the image declares.") @Nullable
        List<AnonymousVolume> anonymousVolumes) {
    /// What runs, frozen.
    public record ImageInUse(
            @JsonPropertyDescription("As it was asked for.") @Nullable
            String reference,

            @JsonPropertyDescription("The digest of its manifest.") @Nullable
            String digest,

            @JsonPropertyDescription("The digest of its config.") @Nullable
            String id) {}

    /// Users of the host that are the container's.
    public record UserIds(
            @JsonPropertyDescription("What user 0 inside is on the host, and group 0.") @Nullable
            Integer hostUIDStart,

            @JsonPropertyDescription("How many users, and groups, there are.") @Nullable
            Integer size) {}

    /// What lies in the writable layer.
    public record StorageLayerUsage(
            @JsonPropertyDescription("What it takes on the disk.") @Nullable
            Long usedBytes,

            @JsonPropertyDescription("How many files, directories and whiteouts there are.") @Nullable
            Long files) {}

    /// A volume that nobody wrote a manifest for.
    public record AnonymousVolume(
            @JsonPropertyDescription("Where it is in the container.") @Nullable
            String mountPath,

            @JsonPropertyDescription("Name of the Volume.") @Nullable
            String volumeName) {}
}
