package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// Data that outlives containers.
public record VolumeSpec(
        @JsonPropertyDescription("Managed (a directory that Slipway keeps) or HostPath.") @Nullable
        Type type,

        @JsonPropertyDescription("The host's directory or file, for type HostPath.") @Nullable
        HostPath hostPath,

        @JsonPropertyDescription("What becomes of the data when the object is deleted: Retain or Delete.") @Nullable
        ReclaimPolicy reclaimPolicy,

        @JsonPropertyDescription("Owner and mode of the volume's root when it is made.") @Nullable
        Ownership ownership) {
    /// Where the data lie.
    public enum Type {
        Managed,
        HostPath
    }

    /// What becomes of the data.
    public enum ReclaimPolicy {
        Retain,
        Delete
    }

    public record HostPath(
            @JsonPropertyDescription("Absolute path.") @Nullable
            String path,

            @JsonPropertyDescription("What must be there, as in Kubernetes' hostPath.") @Nullable
            String type) {}

    public record Ownership(
            @JsonPropertyDescription("User id.") @Nullable Integer uid,
            @JsonPropertyDescription("Group id.") @Nullable Integer gid,

            @JsonPropertyDescription("Permission bits in octal.") @Nullable
            String mode) {}
}
