package dev.slipway.engine.image;

import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Keyring;
import java.util.Objects;

/// Which image to make present.
///
/// @param platform what it must run on
/// @param keyring the puller's own credentials, tried before those of the host
public record PullRequest(Reference reference, Platform platform, Keyring keyring, PullPolicy policy) {
    public PullRequest {
        Objects.requireNonNull(reference);
        Objects.requireNonNull(platform);
        Objects.requireNonNull(keyring);
        Objects.requireNonNull(policy);
    }

    /// For this host, without own credentials, if it is not here yet.
    public PullRequest(Reference reference) {
        this(reference, Platform.host(), Keyring.EMPTY, PullPolicy.IF_NOT_PRESENT);
    }
}
