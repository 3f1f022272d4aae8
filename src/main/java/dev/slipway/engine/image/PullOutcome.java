package dev.slipway.engine.image;

import java.time.Duration;
import java.util.Optional;

/// How a pull ended.
public sealed interface PullOutcome {
    /// It was here; no layer was fetched.
    record AlreadyPresent(LocalImage image) implements PullOutcome {}

    /// @param fetchedBytes what travelled, without layers that were here
    record Pulled(LocalImage image, long fetchedBytes, Duration took) implements PullOutcome {}

    /// Nothing of it is visible. Blobs that came whole are kept, so that the next try is shorter.
    ///
    /// @param message for people: what was done to what, and why it failed
    record Failed(Reason reason, String message, Optional<Duration> retryAfter) implements PullOutcome {}

    /// Why a pull failed; who asks decides whether to try again.
    enum Reason {
        /// The policy forbids to ask, and the image is not here.
        NEVER_PULL,
        /// The registry knows no such repository, tag or digest.
        NOT_FOUND,
        /// The registry wants other credentials.
        UNAUTHORIZED,
        /// The registry says: later.
        RATE_LIMITED,
        /// No registry answered, or its answers stopped coming.
        UNREACHABLE,
        /// The image exists for other platforms only.
        NO_MATCHING_PLATFORM,
        /// It has no signature by the key that its registry's images need.
        UNVERIFIED,
        /// What came is not what the digest, the size or the diffID says, or is not an image.
        CORRUPT,
        /// The disk is full.
        NO_SPACE,
        /// Reading or writing this host's disk failed.
        DISK,
        /// The caller was interrupted.
        INTERRUPTED
    }
}
