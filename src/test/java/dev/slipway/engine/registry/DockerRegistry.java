package dev.slipway.engine.registry;

import dev.slipway.FreePort;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Debian's `docker-registry`, a real registry server, on a loopback port of its own.
public final class DockerRegistry implements AutoCloseable {
    private static final long STARTS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final int port;
    private final Path log;
    private final Process process;

    /// Starts it and waits until it listens.
    ///
    /// @param root a directory for it alone
    /// @param more lines of its configuration: `auth:` at the top level, or `  tls:` below `http:`
    public DockerRegistry(Path root, String more) throws IOException {
        port = FreePort.find();
        log = root.resolve("registry.log");
        Path config = root.resolve("registry.yml");
        Files.createDirectories(root.resolve("data"));
        Files.writeString(config, """
                version: 0.1
                log: {level: warn}
                storage:
                  filesystem: {rootdirectory: %s}
                http:
                  addr: 127.0.0.1:%d
                %s
                """.formatted(root.resolve("data"), port, more));
        process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        awaitListening();
    }

    /// `127.0.0.1:port`.
    public String host() {
        return "127.0.0.1:" + port;
    }

    /// Uploads a blob as it is.
    public Descriptor blob(String repository, MediaType type, byte[] bytes) throws IOException {
        HttpResponse<String> begun = send(HttpRequest.newBuilder(uri("/v2/" + repository + "/blobs/uploads/"))
                .POST(BodyPublishers.noBody()));
        String location = begun.headers().firstValue("Location").orElseThrow();
        String query = (location.contains("?") ? "&" : "?") + "digest=" + Digest.sha256(bytes);
        send(HttpRequest.newBuilder(uri("/").resolve(location + query))
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(bytes)));
        return Descriptor.of(type, bytes);
    }

    /// Uploads a manifest or an index under a tag.
    public Descriptor manifest(String repository, String tag, MediaType type, byte[] bytes) throws IOException {
        send(HttpRequest.newBuilder(uri("/v2/" + repository + "/manifests/" + tag))
                .header("Content-Type", type.value())
                .PUT(BodyPublishers.ofByteArray(bytes)));
        return Descriptor.of(type, bytes);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private URI uri(String path) {
        return URI.create("http://" + host() + path);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new IOException("registry answers " + response.statusCode() + ": " + response.body());
            }
            return response;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + STARTS_WITHIN_NANOS;
        while (!listens()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                close();
                throw new IOException("docker-registry did not start: " + Files.readString(log));
            }
            Thread.onSpinWait();
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
