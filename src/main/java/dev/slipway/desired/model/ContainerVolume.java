package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Volume;
import org.jspecify.annotations.Nullable;

/// A Kubernetes volume source, or a [VolumeSpec] object by name.
@Inlines(
        value = Volume.class,
        only = {
            "name",
            "configMap",
            "downwardAPI",
            "emptyDir",
            "hostPath",
            "image",
            "nfs",
            "persistentVolumeClaim",
            "projected",
            "secret"
        })
public record ContainerVolume(
        @JsonPropertyDescription("A Volume object of the same namespace.") @Nullable
        VolumeName volume) {
    /// Names a Volume object.
    public record VolumeName(
            @JsonPropertyDescription("Name of the Volume.") @Nullable
            String name,

            @JsonPropertyDescription(
                    "Whether it stays as it is when it is empty. Otherwise, and without populate, a Managed one begins with what the image has at the mountPath, and with the owner and mode of that directory unless its ownership says other ones.")
            @Nullable
            Boolean noCopy) {}
}
