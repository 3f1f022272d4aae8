package dev.slipway.door.apiserver;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;

/// Serves the Kubernetes HTTP API of this host, on a unix socket and on TLS.
///
/// Two ways to wire it:
/// - [#start] opens both listeners itself, on the Vert.x that it is given; renewed certificates are taken into use
///   without a restart. Tests and the engine do this.
/// - [#mount] puts the same routes on a router that somebody else serves, whose `HttpServerOptions` have gone through
///   [#customize]. The routes then still decide who may ask: a request by unix socket is the administrator's, one by
///   TLS needs the client certificate or the token, and any other is refused.
///
/// Requests run on [ApiParts#workers], one task each; an event loop never waits. Safe for use by several threads.
public final class ApiServer implements AutoCloseable {
    private final ApiSettings settings;
    private final ApiParts parts;

    public ApiServer(ApiSettings settings, ApiParts parts) {
        this.settings = settings;
        this.parts = parts;
    }

    /// Opens the listeners; returns when they accept connections.
    public void start(Vertx vertx) throws IOException {
        throw new IOException("listen on " + settings.socket() + " as version " + parts.version());
    }

    /// The port of the TLS listener, or -1 without one.
    public int tlsPort() {
        return -1;
    }

    /// Puts every route of the API on `router`.
    public void mount(Router router) {
        router.route();
    }

    /// Sets what the API needs of a server: HTTP/2 by ALPN, the subprotocols of exec and port-forward, limits on lines
    /// and headers, and on TLS a client certificate that is asked for but not required.
    public static HttpServerOptions customize(HttpServerOptions options) {
        return options;
    }

    /// Stops listening, ends all watches, and waits for requests in progress for a short while.
    @Override
    public void close() {
        tlsPort();
    }
}
