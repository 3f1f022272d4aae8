package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A movable name `<repository>:<tag>` that points at one image.
public record TagSpec(
        @JsonPropertyDescription("Repository, for instance acme/web.") @Nullable
        String repository,

        @JsonPropertyDescription("Tag; default latest.") @Nullable
        String tag,

        @JsonPropertyDescription("What the name points at: exactly one of image, digest and follow.") @Nullable
        Target target,

        @JsonPropertyDescription("Back to an image of the history: the tag stays there until this is taken away.")
        @Nullable
        String rollbackTo,

        @JsonPropertyDescription("When the tag may move; default always.") @Nullable
        Window window,

        @JsonPropertyDescription(
                "Auto, or Manual: the tag moves to a digest that the annotation slipway.dev/approve names; default Auto.")
        @Nullable
        String approval,

        @JsonPropertyDescription("How those that use the tag get the new image.") @Nullable
        Rollout rollout,

        @JsonPropertyDescription(
                "Where the image is pushed to when the tag has moved. What is about it, such as signatures, is not.")
        @Nullable
        List<Push> push,

        @JsonPropertyDescription("How many earlier digests are remembered, and kept on this host; default 10.")
        @Nullable
        Integer historyLimit) {
    /// Names the digest that somebody lets a Tag move to.
    public static final String APPROVE = OwnGroup.GROUP + "/approve";

    /// Who has approved.
    public static final String APPROVED_BY = OwnGroup.GROUP + "/approved-by";

    /// Who has written `rollbackTo`.
    public static final String ROLLED_BACK_BY = OwnGroup.GROUP + "/rolled-back-by";

    /// Who has written `target.digest`.
    public static final String PINNED_BY = OwnGroup.GROUP + "/pinned-by";

    /// Exactly one of its fields.
    public record Target(
            @JsonPropertyDescription("An Image object: the tag follows its digest.") @Nullable
            ImageName image,

            @JsonPropertyDescription(
                    "The digest of an image: the tag stays there. One that is not on this host is pulled from the repository.")
            @Nullable
            String digest,

            @JsonPropertyDescription("A repository of a registry: the tag follows what is there.") @Nullable
            Follow follow) {}

    public record ImageName(
            @JsonPropertyDescription("Name of the Image.") @Nullable
            String name) {}

    public record Follow(
            @JsonPropertyDescription("What is followed, for instance docker.io/acme/web:latest.") @Nullable
            String reference,

            @JsonPropertyDescription(
                    "Digest, what the reference points at; SemVer, the highest version of the range; Pattern, the last tag that matches; default SemVer with a range, Pattern with a pattern alone, else Digest.")
            @Nullable
            String by,

            @JsonPropertyDescription("Range of versions, for instance >=1.4 <2; default all releases.") @Nullable
            String range,

            @JsonPropertyDescription("Regular expression that tags must contain.") @Nullable
            String pattern,

            @JsonPropertyDescription("How often the registry is asked; default 5m.") @Nullable
            String interval,

            @JsonPropertyDescription("Whether a push to a registry on this host is followed at once; default true.")
            @Nullable
            Boolean onPush) {}

    public record Window(
            @JsonPropertyDescription("When it opens, as in cron.") @Nullable
            String schedule,

            @JsonPropertyDescription("How long it is open, for instance 2h.") @Nullable
            String duration,

            @JsonPropertyDescription("Time zone of the schedule; default UTC.") @Nullable
            String timeZone) {}

    public record Rollout(
            @JsonPropertyDescription(
                    "Auto, Containers and Deployments that use the tag are rolled; Never, they stay; default Auto.")
            @Nullable
            String mode,

            @JsonPropertyDescription(
                    "Whether the image before comes back when not all get ready in time; default true.")
            @Nullable
            Boolean rollbackOnFailure,

            @JsonPropertyDescription("How long they may take; default 5m.") @Nullable
            String progressDeadline) {}

    public record Push(
            @JsonPropertyDescription("Name of a Registry.") @Nullable
            String registry,

            @JsonPropertyDescription("Repository there; default that of the tag.") @Nullable
            String repository,

            @JsonPropertyDescription("Tag there; default that of the tag.") @Nullable
            String tag) {}
}
