package dev.slipway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The engine by its API, with one connection that stays open. A deed is done when the object says so.
record EngineTool(EngineProcess engine, HttpClient client) implements ContainerTool {
    private static final String CONTAINERS = "/apis/slipway.dev/v1alpha1/namespaces/default/containers/";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration REST = Duration.ofNanos(300_000);
    private static final int NOT_FOUND = 404;

    @Override
    public String title() {
        return "slipway, over TLS, with an address";
    }

    @Override
    public void perform(Deed deed, String container) throws Exception {
        String path = CONTAINERS + container;
        switch (deed) {
            case START -> {
                send("POST", CONTAINERS, wish(container));
                await(path, "\"phase\":\"Running\"");
            }
            case EXEC -> exec(path);
            case PAUSE -> ask(path, "pause", "Paused");
            case RESUME -> ask(path, "resume", "Running");
            case STOP -> ask(path, "stop", "Stopped");
            case DELETE -> {
                send("DELETE", path, "");
                await(path, null);
            }
        }
    }

    private static String wish(String name) {
        return """
                {"apiVersion":"slipway.dev/v1alpha1","kind":"Container","metadata":{"name":"%s"},"spec":{
                 "imageFrom":{"kind":"Image","name":"toolbox"},"command":["/bin/busybox","sh","-c",
                 "trap 'exit 0' TERM; /bin/busybox sleep 1000 & wait"]}}""".formatted(name);
    }

    private void ask(String path, String verb, String phase) throws IOException, InterruptedException {
        send("POST", path + "/" + verb, "");
        await(path, "\"phase\":\"" + phase + "\"");
    }

    /// @param part of the object, or null if it has to be gone
    private void await(String path, @Nullable String part) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (String now = send("GET", path, ""); part == null ? !now.isEmpty() : !now.contains(part); ) {
            if (System.nanoTime() > deadline) {
                throw new IOException(path + " after " + LIMIT + ": " + now);
            }
            LockSupport.parkNanos(REST.toNanos());
            now = send("GET", path, "");
        }
    }

    /// @return the answer, empty if there is no such object
    String send(String method, String path, String body) throws IOException, InterruptedException {
        BodyPublisher publisher = body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        var response = client.send(
                HttpRequest.newBuilder(address("https", path))
                        .header("Content-Type", "application/json")
                        .method(method, publisher)
                        .build(),
                BodyHandlers.ofString());
        if (response.statusCode() >= 300 && response.statusCode() != NOT_FOUND) {
            throw new IOException(method + " " + path + ": " + response.body());
        }
        return response.statusCode() == NOT_FOUND ? "" : response.body();
    }

    private void exec(String path) throws Exception {
        Ending ending = new Ending();
        client.newWebSocketBuilder()
                .subprotocols("v5.channel.k8s.io")
                .buildAsync(address("wss", path + "/exec?stdout=true&command=/bin/busybox&command=true"), ending)
                .thenCompose(socket -> ending.closed)
                .get(20, TimeUnit.SECONDS);
    }

    private URI address(String scheme, String path) {
        return URI.create(scheme + "://127.0.0.1:" + engine.port() + path);
    }

    /// Waits until the server has said everything.
    private static final class Ending implements WebSocket.Listener {
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }
    }
}
