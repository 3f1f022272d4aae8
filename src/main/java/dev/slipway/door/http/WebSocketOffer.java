package dev.slipway.door.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A client's offer to go on with its connection as a WebSocket.
///
/// @param protocols the subprotocols that it speaks, best first; may be none
/// @spec https://www.rfc-editor.org/rfc/rfc6455#section-4.1 RFC 6455: Client Requirements
public record WebSocketOffer(List<String> protocols) {
    public WebSocketOffer {
        protocols = List.copyOf(protocols);
    }

    public static Optional<WebSocketOffer> of(HttpServerRequest request) {
        boolean offered = request.method().equals(HttpMethod.GET)
                && request.headers().contains("Connection", "upgrade", true)
                && request.headers().contains("Upgrade", "websocket", true);
        if (!offered) {
            return Optional.empty();
        }
        return Optional.of(new WebSocketOffer(request.headers().getAll("Sec-WebSocket-Protocol").stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(String::strip)
                .toList()));
    }

    /// The client's best protocol among those that are served.
    public Optional<String> choose(List<String> served) {
        return protocols.stream().filter(served::contains).findFirst();
    }
}
