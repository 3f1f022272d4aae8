package dev.slipway.door.apiserver;

import dev.slipway.door.http.SpdyRequests;
import dev.slipway.door.pki.Credentials;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Serves the Kubernetes HTTP API of this host, on a unix socket and on TLS.
///
/// Two ways to wire it:
/// - [#start] opens both listeners itself, on the Vert.x that it is given; renewed certificates are taken into use
///   without a restart. The engine and the tests do this.
/// - [#mount] puts the same routes on a router that somebody else serves, whose `HttpServerOptions` have gone through
///   [#customize]. The routes then still decide who may ask: a request by unix socket is the administrator's, one by
///   TLS needs the client certificate or the token, and any other is refused.
///
/// Requests run on [ApiParts#workers], one task each; an event loop never waits. Started and closed by one thread.
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ApiServer.class);
    private static final Duration LISTEN_LIMIT = Duration.ofSeconds(10);
    private static final Duration CREDENTIALS_CHECK = Duration.ofHours(12);

    /// How soon it is noticed that somebody has set the clock so that they are not valid.
    private static final Duration CLOCK_CHECK = Duration.ofSeconds(10);

    private static final int LONGEST_LINE_BYTES = 16 * 1024;
    private static final int LONGEST_HEADERS_BYTES = 64 * 1024;
    private static final int CONCURRENT_STREAMS = 250;

    private final ApiSettings settings;
    private final ApiParts parts;
    private final ApiRoutes routes;
    private final List<HttpServer> servers = new ArrayList<>();
    private @Nullable Runnable stopRenewal;
    private volatile @Nullable Credentials credentials;
    private volatile @Nullable HttpServer tlsServer;
    private int tlsPort = -1;

    public ApiServer(ApiSettings settings, ApiParts parts) {
        this.settings = settings;
        this.parts = parts;
        this.routes = new ApiRoutes(settings, parts, this::credentials);
    }

    /// Opens the listeners; returns when they accept connections. The socket is the last: whoever waits until it
    /// answers can go on by TLS, as kubectl does.
    ///
    /// @param vertx with native transport, which unix sockets need
    public void start(Vertx vertx) throws IOException {
        Router router = Router.router(vertx);
        mount(router);
        if (settings.tls().isPresent()) {
            listenOnTls(vertx, router, settings.tls().get());
        }
        listenOnSocket(vertx, router);
    }

    /// The port of the TLS listener, or -1 without one.
    public int tlsPort() {
        return tlsPort;
    }

    /// Puts every route of the API on `router`, which serves nothing else behind them.
    ///
    /// @throws UncheckedIOException when the credentials cannot be read or made
    public void mount(Router router) {
        loadCredentials();
        routes.mount(router);
    }

    /// Sets what the API needs of a server: HTTP/2 by ALPN, the subprotocols of exec and port-forward, limits on
    /// lines and headers, and on TLS a client certificate that is asked for but not required.
    public static HttpServerOptions customize(HttpServerOptions options) {
        if (options.isSsl()) {
            options.setUseAlpn(true).setClientAuth(ClientAuth.REQUEST);
        }
        return options.setMaxInitialLineLength(LONGEST_LINE_BYTES)
                .setMaxHeaderSize(LONGEST_HEADERS_BYTES)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(CONCURRENT_STREAMS)
                        .setMaxHeaderListSize(LONGEST_HEADERS_BYTES))
                .setWebSocketSubProtocols(List.of(
                        "v5.channel.k8s.io",
                        "v4.channel.k8s.io",
                        "v4.base64.channel.k8s.io",
                        "SPDY/3.1+portforward.k8s.io"));
    }

    private static HttpServer server(Vertx vertx, HttpServerOptions options, Router router) {
        return vertx.createHttpServer(customize(options))
                .connectionHandler(SpdyRequests::allow)
                .requestHandler(router);
    }

    /// Bound under another name, closed to others, then renamed: nobody can connect before the mode is right, and
    /// what a crashed engine left is replaced.
    private void listenOnSocket(Vertx vertx, Router router) throws IOException {
        Path socket = settings.socket();
        Path aside = socket.resolveSibling(socket.getFileName() + ".new");
        Files.deleteIfExists(aside);
        HttpServer server = server(vertx, new HttpServerOptions(), router);
        await(server.listen(SocketAddress.domainSocketAddress(aside.toString())), "listen on " + socket);
        servers.add(server);
        Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString("rw-------"));
        Files.move(aside, socket, StandardCopyOption.ATOMIC_MOVE);
        LOG.infof("api listening socket=%s", socket);
    }

    private void listenOnTls(Vertx vertx, Router router, InetSocketAddress address) throws IOException {
        Credentials credentials = credentials();
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(keyAndCertificate(credentials))
                .setTrustOptions(trust(credentials));
        HttpServer server = server(vertx, options, router);
        String host = address.getHostString();
        await(server.listen(address.getPort(), host), "listen on " + host + ":" + address.getPort());
        servers.add(server);
        tlsServer = server;
        tlsPort = server.actualPort();
        long timer = vertx.setPeriodic(
                CREDENTIALS_CHECK.toMillis(), tick -> parts.workers().execute(this::renewCredentials));
        long clockTimer = vertx.setPeriodic(CLOCK_CHECK.toMillis(), tick -> renewIfInvalid());
        stopRenewal = () -> {
            vertx.cancelTimer(timer);
            vertx.cancelTimer(clockTimer);
        };
        LOG.infof("api listening address=%s:%d", host, tlsPort);
    }

    private void renewIfInvalid() {
        if (!credentials().isValidAt(parts.clock().instant())) {
            parts.workers().execute(this::renewCredentials);
        }
    }

    /// Takes what [ApiParts#credentials] gives now into use for new connections; those that are open stay.
    synchronized void renewCredentials() {
        try {
            Credentials renewed = parts.credentials().current();
            if (renewed.equals(credentials)) {
                return;
            }
            HttpServer server = tlsServer;
            if (server != null) {
                SSLOptions options = new SSLOptions()
                        .setUseAlpn(true)
                        .setKeyCertOptions(keyAndCertificate(renewed))
                        .setTrustOptions(trust(renewed));
                await(server.updateSSLOptions(options), "take renewed certificates into use");
            }
            credentials = renewed;
            LOG.infof("certificates renewed until=%s", renewed.expiry());
        } catch (IOException e) {
            LOG.errorf("certificates not renewed reason=\"%s\"", e.getMessage());
        }
    }

    private Credentials credentials() {
        return Objects.requireNonNull(credentials, "credentials are loaded by start or mount");
    }

    private void loadCredentials() {
        if (credentials == null) {
            try {
                credentials = parts.credentials().current();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static PemKeyCertOptions keyAndCertificate(Credentials credentials) {
        return new PemKeyCertOptions()
                .addKeyValue(Buffer.buffer(credentials.server().keyPem()))
                .addCertValue(Buffer.buffer(credentials.server().certificatePem()));
    }

    private static PemTrustOptions trust(Credentials credentials) {
        return new PemTrustOptions().addCertValue(Buffer.buffer(credentials.authorityPem()));
    }

    private static void await(Future<?> listening, String what) throws IOException {
        try {
            listening.toCompletionStage().toCompletableFuture().get(LISTEN_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    what + ": " + Objects.requireNonNullElse(e.getCause(), e).getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(what + ": interrupted", e);
        }
    }

    /// Stops listening and ends all watches.
    @Override
    public void close() {
        if (stopRenewal != null) {
            stopRenewal.run();
        }
        servers.forEach(HttpServer::close);
        servers.clear();
        try {
            Files.deleteIfExists(settings.socket());
        } catch (IOException e) {
            LOG.warnf("socket not removed path=%s reason=\"%s\"", settings.socket(), e.getMessage());
        }
    }
}
