package dev.slipway.door.distribution;

import dev.slipway.FreePort;
import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.image.HostImages;
import dev.slipway.engine.image.MemoryLayerTrees;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.Serving;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A registry that is served from a temporary directory, and a client that says exactly what a test wants.
final class RegistryRig implements AutoCloseable {
    final DirectoryContentStore content;
    final Repositories repositories;
    final HostImages images;
    final ServedRegistries served;
    final String host;
    private final Path root;
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    final RegistryClient client = new RegistryClient(RegistrySettings.STANDARD);
    private HttpClient http = HttpClient.newHttpClient();

    /// Names that objects of the host have.
    final Set<Reference> made = ConcurrentHashMap.newKeySet();

    /// Names that somebody has declared for images.
    final Set<Reference> declared = ConcurrentHashMap.newKeySet();

    private Serving serving;
    /// What somebody has set the wall clock forward by.
    private volatile Duration ahead = Duration.ZERO;

    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    RegistryRig(Path root) throws IOException {
        this(root, Limits.STANDARD);
    }

    RegistryRig(Path root, Limits limits) throws IOException {
        this.root = root;
        InstantSource clock = () -> now;
        content = new DirectoryContentStore(root.resolve("content"), clock);
        content.start();
        repositories = new Repositories(root.resolve("repositories"), content, clock, clock);
        repositories.start();
        images = new HostImages(
                root.resolve("content/index.json"),
                new HostImages.Stores(content, new MemoryLayerTrees(), repositories),
                client,
                threads);
        images.start();
        served = new ServedRegistries(
                parts(),
                new DistributionServer.Surroundings(limits, new Clocks(() -> now.plus(ahead), clock), workers, vertx));
        served.start();
        int port = FreePort.find();
        host = "127.0.0.1:" + port;
        serving = new Serving(
                host,
                "127.0.0.1",
                port,
                Serving.Tls.NONE,
                Serving.Access.ANONYMOUS,
                List.of(),
                List.of(),
                false,
                Set.of(),
                false);
    }

    private ServedRegistries.Parts parts() {
        return new ServedRegistries.Parts(repositories, images, content, client, made::contains, declared::contains);
    }

    /// Everybody may read, push anywhere, and delete.
    static RegistryRig open(Path root) throws IOException {
        return open(root, Limits.STANDARD);
    }

    static RegistryRig open(Path root, Limits limits) throws IOException {
        RegistryRig rig = new RegistryRig(root, limits);
        rig.serve(Serving.Access.ANONYMOUS, List.of(), List.of("*"), true);
        return rig;
    }

    void serve(Serving.Access access, List<Serving.User> users, List<String> allowPush, boolean deletes)
            throws IOException {
        serve(access, users, allowPush, deletes, Set.of());
    }

    /// Everybody may read, also what `others` have.
    void mirror(String... others) throws IOException {
        serve(Serving.Access.ANONYMOUS, List.of(), List.of(), false, Set.of(others));
    }

    /// The same, and push anywhere.
    void mirrorAndTake(String other) throws IOException {
        serve(Serving.Access.ANONYMOUS, List.of(), List.of("*"), false, Set.of(other));
    }

    /// Everybody may read, also what `others` have, and one user push.
    void mirrorFor(Serving.User user, String... others) throws IOException {
        serve(Serving.Access.ANONYMOUS, List.of(user), List.of("*"), false, Set.of(others));
    }

    private void serve(
            Serving.Access access,
            List<Serving.User> users,
            List<String> allowPush,
            boolean deletes,
            Set<String> pullThrough)
            throws IOException {
        serve(new Serving(
                host,
                serving.address(),
                serving.port(),
                serving.tls(),
                access,
                users,
                allowPush,
                deletes,
                pullThrough,
                serving.showsGuarded()));
    }

    /// Shows everybody what came with credentials, too.
    void showGuarded() throws IOException {
        showGuarded(true);
    }

    void hideGuarded() throws IOException {
        showGuarded(false);
    }

    private void showGuarded(boolean shows) throws IOException {
        serve(new Serving(
                host,
                serving.address(),
                serving.port(),
                serving.tls(),
                serving.access(),
                serving.users(),
                serving.allowPush(),
                serving.deleteEnabled(),
                serving.pullThrough(),
                shows));
    }

    void encrypt(Serving.Tls tls) throws IOException {
        serve(new Serving(
                host,
                serving.address(),
                serving.port(),
                tls,
                serving.access(),
                serving.users(),
                serving.allowPush(),
                serving.deleteEnabled(),
                serving.pullThrough(),
                serving.showsGuarded()));
    }

    private void serve(Serving wanted) throws IOException {
        serving = wanted;
        Map<String, String> failures = served.use(Map.of("registry", wanted));
        if (!failures.isEmpty()) {
            throw new IOException(failures.toString());
        }
        reconnect();
    }

    PullThrough pullThrough(Limits limits) {
        return new PullThrough(parts(), workers, limits);
    }

    View view() {
        return View.of(serving, parts());
    }

    void setClock(Duration forward) {
        ahead = forward;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    /// As after a minute.
    void expire() {
        served.expire();
        reconnect();
    }

    /// The next request goes over a connection of its own: one that the registry has just closed may look open
    /// still.
    private void reconnect() {
        http.close();
        http = HttpClient.newHttpClient();
    }

    URI uri(String path) {
        return URI.create("http://" + host).resolve(path);
    }

    HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers) throws Exception {
        return send(method, path, BodyPublishers.ofByteArray(body), headers);
    }

    /// Sends a body without saying how long it is.
    HttpResponse<byte[]> stream(String method, String path, byte[] body) throws Exception {
        return send(method, path, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
    }

    private HttpResponse<byte[]> send(String method, String path, BodyPublisher body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(20))
                .method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> send(String method, String path, String... headers) throws Exception {
        return send(method, path, new byte[0], headers);
    }

    /// Uploads a blob in two requests.
    Digest blob(String repository, byte[] bytes) throws Exception {
        Digest digest = Digest.sha256(bytes);
        String location = location(send("POST", "/v2/" + repository + "/blobs/uploads/"));
        expect(201, send("PUT", location + "?digest=" + digest, bytes));
        return digest;
    }

    /// Stores a manifest under a tag or its digest.
    HttpResponse<byte[]> manifest(String repository, String target, MediaType type, byte[] bytes) throws Exception {
        return send("PUT", "/v2/" + repository + "/manifests/" + target, bytes, "Content-Type", type.value());
    }

    static String location(HttpResponse<byte[]> response) {
        return response.headers().firstValue("Location").orElseThrow();
    }

    static HttpResponse<byte[]> expect(int status, HttpResponse<byte[]> response) {
        if (response.statusCode() != status) {
            throw new AssertionError("expected %d of %s, got %d %s"
                    .formatted(status, response.request(), response.statusCode(), new String(response.body())));
        }
        return response;
    }

    /// Files of blobs that are still on their way in.
    List<Path> partials() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("content/ingest"))) {
            return files.toList();
        }
    }

    /// Clients have the last byte of a blob that is fetched for them when it is verified. It has its name in the store
    /// when it has been synced as well.
    void awaitFetched() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!partials().isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still on their way in: " + partials());
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        served.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        client.close();
        http.close();
        workers.shutdownNow();
        threads.shutdownNow();
    }
}
