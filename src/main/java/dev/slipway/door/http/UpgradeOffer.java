package dev.slipway.door.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A client's offer to go on with its connection in another way.
///
/// @param protocols what it speaks on that, best first; may be none
public record UpgradeOffer(Transport transport, List<String> protocols) {
    /// What the connection becomes.
    public enum Transport {
        /// @spec https://www.rfc-editor.org/rfc/rfc6455#section-4.1 RFC 6455: Client Requirements
        WEB_SOCKET("websocket", "Sec-WebSocket-Protocol"),
        /// Bytes both ways, in which the client speaks SPDY; of clients of Kubernetes that are older than its
        /// use of WebSockets.
        SPDY("SPDY/3.1", SPDY_PROTOCOL);

        private final String word;
        private final String header;

        Transport(String word, String header) {
            this.word = word;
            this.header = header;
        }
    }

    static final String SPDY_PROTOCOL = "X-Stream-Protocol-Version";

    public UpgradeOffer {
        protocols = List.copyOf(protocols);
    }

    /// SPDY is asked for by POST, which is a GET by now ([SpdyRequests]).
    public static Optional<UpgradeOffer> of(HttpServerRequest request) {
        return Arrays.stream(Transport.values())
                .filter(transport -> isOffered(request, transport))
                .map(transport -> new UpgradeOffer(transport, protocols(request, transport.header)))
                .findFirst();
    }

    private static boolean isOffered(HttpServerRequest request, Transport transport) {
        return request.method().name().equals("GET")
                && request.headers().contains("Connection", "upgrade", true)
                && request.headers().contains("Upgrade", transport.word, true);
    }

    private static List<String> protocols(HttpServerRequest request, String header) {
        return request.headers().getAll(header).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .toList();
    }

    /// The client's best protocol among those that are served.
    public Optional<String> choose(List<String> served) {
        return protocols.stream().filter(served::contains).findFirst();
    }
}
