package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Data that outlives containers.
public record VolumeSpec(
        @JsonPropertyDescription(
                "Managed (a directory that Slipway keeps), HostPath, Memory (gone with the host's power) or NFS.")
        @Nullable
        Type type,

        @JsonPropertyDescription("The host's directory or file, for type HostPath.") @Nullable
        HostPath hostPath,

        @JsonPropertyDescription("The server's directory, for type NFS.") @Nullable
        Nfs nfs,

        @JsonPropertyDescription(
                "How much it shall hold: a limit for type Memory, and for type Managed where the file system has project quotas; elsewhere that is watched. The condition CapacityEnforced says which.")
        @Nullable
        Quantity capacity,

        @JsonPropertyDescription(
                "What becomes of the data when the object is deleted: Retain (the next of this name has them) or Delete. DeleteWhenUnused is Delete, and the object goes when its last pod has gone.")
        @Nullable
        ReclaimPolicy reclaimPolicy,

        @JsonPropertyDescription(
                "What it holds when it is made, for type Managed: exactly one of its fields. Data that an earlier volume of this name has left are kept if they were made from the same, and keep this one from being ready if not.")
        @Nullable
        Populate populate,

        @JsonPropertyDescription("Owner and mode of the volume's root when it is made.") @Nullable
        Ownership ownership,

        @JsonPropertyDescription("How snapshots are taken, and when by themselves; for type Managed.") @Nullable
        Snapshots snapshots) {
    /// Where the data lie.
    public enum Type {
        Managed,
        HostPath,
        Memory,
        NFS
    }

    /// What becomes of the data.
    public enum ReclaimPolicy {
        Retain,
        Delete,
        DeleteWhenUnused
    }

    /// Whether who uses a volume is held still while it is copied.
    public enum Freeze {
        PauseUsers,
        None
    }

    public record HostPath(
            @JsonPropertyDescription("Absolute path.") @Nullable
            String path,

            @JsonPropertyDescription("What must be there, as in Kubernetes' hostPath.") @Nullable
            String type) {}

    public record Nfs(
            @JsonPropertyDescription("Name or address of the server.") @Nullable
            String server,

            @JsonPropertyDescription("Absolute path of the directory there.") @Nullable
            String path,

            @JsonPropertyDescription("Whether it cannot be written.") @Nullable
            Boolean readOnly,

            @JsonPropertyDescription("Further options as in nfs(5), for instance vers=4.1 or port=20490.") @Nullable
            List<String> options) {}

    /// Where the first content comes from.
    public record Populate(
            @JsonPropertyDescription("A directory of an image.") @Nullable
            ImagePath fromImagePath,

            @JsonPropertyDescription("A tar archive of this host, packed or not.") @Nullable
            Archive fromArchive,

            @JsonPropertyDescription("A VolumeSnapshot of the same namespace.") @Nullable
            Name fromSnapshot,

            @JsonPropertyDescription("Another Volume of the same namespace, as it is then.") @Nullable
            Name fromVolume) {}

    public record ImagePath(
            @JsonPropertyDescription("Reference of the image, which is pulled if need be.") @Nullable
            String image,

            @JsonPropertyDescription("Absolute path in the image.") @Nullable
            String path) {}

    public record Archive(
            @JsonPropertyDescription("Absolute path on this host.") @Nullable
            String path) {}

    public record Name(
            @JsonPropertyDescription("Name of the object.") @Nullable
            String name) {}

    public record Ownership(
            @JsonPropertyDescription("User id.") @Nullable Integer uid,
            @JsonPropertyDescription("Group id.") @Nullable Integer gid,

            @JsonPropertyDescription("Permission bits in octal.") @Nullable
            String mode) {}

    public record Snapshots(
            @JsonPropertyDescription("When a snapshot is taken, as in cron.") @Nullable
            String schedule,

            @JsonPropertyDescription("Time zone of the schedule; default UTC.") @Nullable
            String timeZone,

            @JsonPropertyDescription("How many of these are kept; default 7.") @Nullable
            Integer keep,

            @JsonPropertyDescription(
                    "PauseUsers freezes the pods that have the volume mounted while it is copied, also for snapshots and clones that somebody asks for; None does not, and what is written meanwhile may be in the copy or not; default PauseUsers.")
            @Nullable
            Freeze freeze) {}
}
