package dev.slipway.door.distribution;

import dev.slipway.door.http.BodyStream;
import dev.slipway.door.http.Pace;
import dev.slipway.engine.repository.Serving;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One listener of one registry. Requests run on workers, one task each; an event loop never waits. Started and closed
/// by one thread.
final class DistributionServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DistributionServer.class);
    private static final Duration LISTEN_LIMIT = Duration.ofSeconds(10);
    private static final Duration RELEASE_LIMIT = Duration.ofSeconds(2);
    private static final Duration RELEASE_PAUSE = Duration.ofMillis(20);
    /// After it a connection on which nothing moves is closed.
    private static final Duration IDLE_LIMIT = Duration.ofMinutes(10);

    private static final int CHUNK_BYTES = 1 << 17;
    private static final int STREAMS_OF_A_CONNECTION = 8;
    /// @spec https://www.rfc-editor.org/rfc/rfc9113#section-7 RFC 9113: Error Codes
    private static final int REFUSED_STREAM = 7;

    private final Serving serving;
    private final Endpoints endpoints;
    private final Limits limits;
    private final Connections connections;
    private final Executor workers;
    private final Vertx vertx;
    private @Nullable HttpServer server;

    DistributionServer(Serving serving, Endpoints endpoints, Surroundings surroundings) {
        this.serving = serving;
        this.endpoints = endpoints;
        this.limits = surroundings.limits();
        this.connections = new Connections(limits, surroundings.clocks().steady());
        this.workers = surroundings.workers();
        this.vertx = surroundings.vertx();
    }

    /// What all registries of this host share.
    ///
    /// @param workers one thread a task; virtual threads will do
    record Surroundings(Limits limits, Clocks clocks, Executor workers, Vertx vertx) {}

    /// Opens the listener; returns when it accepts connections.
    void start() throws IOException {
        HttpServerOptions options = new HttpServerOptions()
                .setHandle100ContinueAutomatically(true)
                .setHttp2ClearTextEnabled(false)
                .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(STREAMS_OF_A_CONNECTION))
                .setIdleTimeout((int) IDLE_LIMIT.toSeconds());
        if (!serving.tls().equals(Serving.Tls.NONE)) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .addCertValue(Buffer.buffer(serving.tls().certificatePem()))
                            .addKeyValue(Buffer.buffer(serving.tls().keyPem())));
        }
        HttpServer opened = listen(options);
        server = opened;
        LOG.infof("registry listening host=%s address=%s:%d", serving.host(), serving.address(), opened.actualPort());
    }

    /// A listener that was closed a moment ago, because its settings have changed, may hold the address until its
    /// event loop turns; so a busy address is tried again for a while.
    private HttpServer listen(HttpServerOptions options) throws IOException {
        String words = "listen on " + serving.address() + ":" + serving.port();
        long deadline = System.nanoTime() + RELEASE_LIMIT.toNanos();
        while (true) {
            HttpServer candidate = vertx.createHttpServer(options)
                    .connectionHandler(connections::opened)
                    .requestHandler(this::accept);
            try {
                await(candidate.listen(serving.port(), serving.address()), LISTEN_LIMIT, words);
                return candidate;
            } catch (IOException e) {
                await(candidate.close(), LISTEN_LIMIT, "stop listening");
                boolean isBusy =
                        e.getCause() instanceof ExecutionException failed && failed.getCause() instanceof BindException;
                if (!isBusy || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(RELEASE_PAUSE.toNanos());
            }
        }
    }

    /// On the event loop.
    private void accept(HttpServerRequest request) {
        BodyStream body = BodyStream.of(request, vertx.getOrCreateContext(), limits.pace());
        boolean isOneTooMany = !connections.begun(request.connection()) && request.version() == HttpVersion.HTTP_2;
        if (isOneTooMany) {
            // Its client knows by this that it may ask again.
            request.response().reset(REFUSED_STREAM);
            connections.ended(request.connection());
            return;
        }
        try {
            workers.execute(() -> serve(request, body));
        } catch (RejectedExecutionException e) {
            request.connection().close();
        }
    }

    /// The root of a task: whatever goes wrong, the client does not wait for ever.
    private void serve(HttpServerRequest request, BodyStream body) {
        try {
            send(request, body, answer(request, body));
        } catch (IOException | RuntimeException e) {
            LOG.debugf("client dropped path=%s reason=\"%s\"", request.path(), e.getMessage());
            Connections.cut(request.connection());
        } catch (Error e) {
            LOG.errorf(e, "request failed path=%s", request.path());
            Connections.cut(request.connection());
        } finally {
            connections.ended(request.connection());
        }
    }

    private void send(HttpServerRequest request, BodyStream body, Answer answer) throws IOException {
        try (Answer.Body sent = answer.body()) {
            boolean isWhole = body.drain();
            write(request, answer, sent);
            if (!isWhole) {
                body.giveUp();
            }
        }
    }

    private Answer answer(HttpServerRequest request, BodyStream body) {
        Request asked;
        try {
            asked = read(request, body);
        } catch (IllegalArgumentException e) {
            return Answer.error(400, ErrorCode.UNSUPPORTED, "the query is malformed");
        }
        return endpoints.answer(asked);
    }

    private static Request read(HttpServerRequest request, BodyStream body) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        request.params().forEach(entry -> parameters
                .computeIfAbsent(entry.getKey(), key -> new ArrayList<>())
                .add(entry.getValue()));
        Map<String, String> headers = new LinkedHashMap<>();
        request.headers()
                .forEach(entry -> headers.putIfAbsent(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()));
        String authority =
                request.authority() == null ? "" : request.authority().toString();
        return new Request(
                request.method().name(),
                decoded(request.path()),
                parameters,
                headers,
                request.scheme() + "://" + authority,
                body);
    }

    private static String decoded(@Nullable String path) {
        try {
            return Objects.requireNonNullElse(URI.create(String.valueOf(path)).getPath(), "");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private void write(HttpServerRequest request, Answer answer, Answer.Body body) throws IOException {
        HttpServerResponse response = request.response();
        response.setStatusCode(answer.status());
        MultiMap headers = response.headers();
        answer.headers().forEach(headers::set);
        headers.set("Docker-Distribution-API-Version", "registry/2.0");
        headers.set("X-Content-Type-Options", "nosniff");
        if (answer.status() != 204 && answer.status() != 304) {
            headers.set("Content-Length", Long.toString(body.length()));
        }
        if (request.method().equals(HttpMethod.HEAD)) {
            send(response.end());
        } else {
            body(response, body);
        }
    }

    private void body(HttpServerResponse response, Answer.Body body) throws IOException {
        switch (body) {
            case Answer.Body.None none -> send(response.end());
            case Answer.Body.Announced announced -> send(response.end());
            case Answer.Body.Bytes bytes -> send(response.end(Buffer.buffer(bytes.bytes())));
            case Answer.Body.Stream stream -> stream(response, stream);
        }
    }

    /// Each write waits until the one before has left for the client, so that a slow client slows only its own
    /// task, and one that hardly takes anything is given up.
    private void stream(HttpServerResponse response, Answer.Body.Stream stream) throws IOException {
        Pace pace = limits.pace();
        long left = stream.length();
        while (left > 0) {
            byte[] chunk = stream.source().readNBytes((int) Math.min(CHUNK_BYTES, left));
            if (chunk.length == 0) {
                throw new IOException("the blob has fewer bytes than its size");
            }
            left -= chunk.length;
            long begin = System.nanoTime();
            await(response.write(Buffer.buffer(chunk)), pace.patience(), "write to client");
            pace.moved(Duration.ofNanos(System.nanoTime() - begin), chunk.length);
        }
        send(response.end());
    }

    private void send(Future<Void> sent) throws IOException {
        await(sent, limits.patience(), "write to client");
    }

    /// Closes connections that ask nothing.
    void expire() {
        connections.expire();
    }

    private static void await(Future<?> future, Duration limit, String words) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(words + ": nothing moves, or too slowly", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new IOException(words + ": " + cause.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(words + ": interrupted", e);
        }
    }

    @Override
    public void close() {
        HttpServer opened = server;
        server = null;
        if (opened != null) {
            try {
                await(opened.close(), LISTEN_LIMIT, "stop listening");
            } catch (IOException e) {
                LOG.warnf("registry not closed host=%s reason=\"%s\"", serving.host(), e.getMessage());
            }
        }
    }
}
