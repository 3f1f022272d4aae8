package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// A movable name `<repository>:<tag>` that points at one image.
public record TagSpec(
        @JsonPropertyDescription("Repository, for instance acme/web.") @Nullable
        String repository,

        @JsonPropertyDescription("Tag; default latest.") @Nullable
        String tag,

        @JsonPropertyDescription("What the name points at: exactly one of image and digest.") @Nullable
        Target target,

        @JsonPropertyDescription("How many earlier digests are remembered; default 10.") @Nullable
        Integer historyLimit) {
    /// Exactly one of its fields.
    public record Target(
            @JsonPropertyDescription("An Image object: the tag follows its digest.") @Nullable
            ImageName image,

            @JsonPropertyDescription("The digest of an image on this host: the tag stays there.") @Nullable
            String digest) {}

    public record ImageName(
            @JsonPropertyDescription("Name of the Image.") @Nullable
            String name) {}
}
