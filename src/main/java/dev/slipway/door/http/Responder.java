package dev.slipway.door.http;

import dev.slipway.desired.meta.ObjectCodec;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/// Writes a reply to the client.
public final class Responder {
    private static final Logger LOG = Logger.getLogger(Responder.class);
    private static final int LONGEST_WARNING = 2000;

    private final Duration patience;

    public Responder(Duration patience) {
        this.patience = patience;
    }

    /// Returns when the reply is handed over, which for a stream is when it is over.
    public void send(HttpServerRequest request, Reply reply) throws InterruptedException {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            return;
        }
        switch (reply) {
            case Reply.Upgrade upgrade -> converse(request, upgrade);
            case Reply.Stream stream -> stream(response, stream);
            case Reply.Document document -> document(response, document);
            case Reply.Bytes bytes -> bytes(response, bytes);
        }
    }

    /// Never waits.
    public void document(HttpServerResponse response, Reply.Document document) {
        response.setStatusCode(document.code());
        response.putHeader("Content-Type", document.contentType());
        response.putHeader("Cache-Control", "no-cache, private");
        document.warnings().forEach(text -> response.headers().add("Warning", warning(text)));
        response.end(Buffer.buffer(ObjectCodec.toBytes(document.body())));
    }

    private static void bytes(HttpServerResponse response, Reply.Bytes bytes) {
        response.setStatusCode(bytes.code());
        bytes.headers().forEach(response::putHeader);
        response.end(Buffer.buffer(bytes.body()));
    }

    private void stream(HttpServerResponse response, Reply.Stream stream) throws InterruptedException {
        ResponseSink sink = new ResponseSink(response, patience);
        try {
            sink.begin(stream.contentType());
            stream.source().writeTo(sink);
            sink.end();
        } catch (IOException e) {
            LOG.debugf("stream ended reason=\"%s\"", e.getMessage());
            response.reset();
        }
    }

    private void converse(HttpServerRequest request, Reply.Upgrade upgrade) throws InterruptedException {
        CompletableFuture<MessageSocket> accepted = new CompletableFuture<>();
        Context loop = ((HttpServerRequestInternal) request).context();
        loop.runOnContext(begin -> accept(request, loop.owner(), upgrade, accepted));
        try {
            MessageSocket socket = accepted.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            try {
                upgrade.conversation().hold(socket);
            } finally {
                socket.close();
            }
        } catch (TimeoutException e) {
            accepted.thenAccept(MessageSocket::close);
            request.connection().close();
        } catch (ExecutionException e) {
            LOG.debugf("conversation not begun reason=\"%s\"", e.getMessage());
            request.connection().close();
        } catch (IOException e) {
            LOG.debugf("conversation ended reason=\"%s\"", e.getMessage());
        }
    }

    /// On the event loop, which keeps what is thrown there to itself.
    private static void accept(
            HttpServerRequest request, Vertx vertx, Reply.Upgrade upgrade, CompletableFuture<MessageSocket> accepted) {
        try {
            upgrade.spdy()
                    .map(spdy -> MessageSocket.acceptSpdy(request, vertx, spdy.protocol(), spdy.ping()))
                    .orElseGet(() -> MessageSocket.accept(request, vertx))
                    .onSuccess(accepted::complete)
                    .onFailure(accepted::completeExceptionally);
        } catch (RuntimeException e) {
            accepted.completeExceptionally(e);
        }
    }

    /// @spec https://www.rfc-editor.org/rfc/rfc7234#section-5.5 RFC 7234: Warning
    private static String warning(String text) {
        String line = text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("[\\r\\n]+", " ");
        String bounded = line.length() <= LONGEST_WARNING ? line : line.substring(0, LONGEST_WARNING) + "...";
        return "299 - \"" + bounded + "\"";
    }
}
