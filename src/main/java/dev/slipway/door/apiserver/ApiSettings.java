package dev.slipway.door.apiserver;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// Where the API listens and what it bears.
///
/// @param socket the unix socket, made with mode 0600: whoever may open it is administrator
/// @param tls address and port of the TLS listener; port 0 takes a free one; empty serves on the unix socket only
/// @param hosts names that a request on TLS may have in its `Host` header besides loopback's
/// @param bodyLimitBytes the largest body of a request
/// @param clientPatience how long a client may leave its watch or log unread before it is dropped
public record ApiSettings(
        Path socket, Optional<InetSocketAddress> tls, Set<String> hosts, int bodyLimitBytes, Duration clientPatience) {
    private static final int BODY_LIMIT_BYTES = 3 * 1024 * 1024;
    private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(30);

    public ApiSettings {
        hosts = Set.copyOf(hosts);
    }

    /// The usual bounds: bodies of 3 MiB as Kubernetes has, 30 seconds of patience.
    public static ApiSettings of(Path socket, Optional<InetSocketAddress> tls) {
        return new ApiSettings(socket, tls, Set.of(), BODY_LIMIT_BYTES, CLIENT_PATIENCE);
    }
}
