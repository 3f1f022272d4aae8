package dev.slipway.engine.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A registry did not give what was asked for. The message says what was asked of which host, and why it failed; it
/// never holds a credential.
public final class RegistryException extends IOException {
    private static final long serialVersionUID = 1L;

    /// What the caller can tell apart.
    public enum Kind {
        /// No such repository, tag, digest.
        NOT_FOUND,
        /// The credentials, or their absence, were refused.
        UNAUTHORIZED,
        /// Too many requests; [RegistryException#retryAfter] may say how long.
        RATE_LIMITED,
        /// No connection, a failing server, or bytes that stopped coming.
        UNREACHABLE,
        /// An answer that the protocol does not allow.
        PROTOCOL
    }

    private final Kind kind;
    private final transient @Nullable Duration retryAfter;

    RegistryException(Kind kind, String message) {
        this(kind, message, null, null);
    }

    RegistryException(Kind kind, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    /// How long the registry asked to be left alone.
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
