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
            String name) {}
}
