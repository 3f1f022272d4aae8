package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.FreePort;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.collect.GarbageCollection;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.door.health.HealthCheck;
import dev.slipway.door.health.Problem;
import dev.slipway.door.health.SystemSpace;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.logs.ContainerLogs;
import dev.slipway.door.pki.Credentials;
import dev.slipway.door.pki.Pki;
import dev.slipway.door.pki.PkiSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// An API server with certificates of its own in a temporary directory, and clients for it.
final class RunningApi implements AutoCloseable {
    private static final char[] NO_PASSWORD = {};

    private final Path root;
    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Credentials credentials;
    private final Map<String, ContainerLogs.Run> runs = new ConcurrentHashMap<>();
    private final List<Problem> problems = new CopyOnWriteArrayList<>();
    private volatile String trouble = "";
    private final ObjectStore store;
    private final ApiServer server;
    private final TimerDelays delays = new TimerDelays();
    private final GarbageCollection collection;

    private RunningApi(Path root, String host, int port) throws IOException {
        this.root = root;
        PkiSettings pki = new PkiSettings(
                root.resolve("pki"), root.resolve("kubeconfig"), "https://" + host + ":" + port, List.of(host));
        this.credentials = new Pki(pki, InstantSource.system()).current();
        ApiSettings settings = new ApiSettings(
                root.resolve("api.sock"),
                Optional.of(new InetSocketAddress(host, port)),
                Set.of(),
                1024 * 1024,
                Duration.ofSeconds(2));
        this.store = SqliteObjectStore.open(Files.createDirectories(root.resolve("objects")));
        ObjectApi objects = new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString());
        ApiParts parts = new ApiParts(
                objects,
                () -> credentials,
                new PlayedLogs(runs),
                new NothingRuns(),
                new NothingRuns(),
                new NothingRuns(),
                new NoImages(),
                new NoSpace(),
                List.of(() -> problems),
                List.of(new HealthCheck("object-store", () -> trouble)),
                List.of(),
                workers,
                InstantSource.system(),
                "0.1.0");
        this.server = new ApiServer(settings, parts);
        this.collection = new GarbageCollection(objects, new Schedule(InstantSource.system(), delays, workers));
    }

    private static final class NoImages implements ImageExports {
        @Override
        public Optional<Reply.Source> archive(ApiObject image, String format) {
            return Optional.empty();
        }

        @Override
        public Reply.Source push(String name, String destination) {
            throw RefusedException.notFound();
        }
    }

    static RunningApi start(Path root) throws IOException {
        return start(root, "127.0.0.1");
    }

    static RunningApi start(Path root, String host) throws IOException {
        return start(root, host, FreePort.find());
    }

    static RunningApi start(Path root, String host, int port) throws IOException {
        RunningApi api = new RunningApi(root, host, port);
        api.collection.start();
        try {
            api.server.start(api.vertx);
        } catch (IOException e) {
            api.close();
            throw e;
        }
        return api;
    }

    Path socket() {
        return root.resolve("api.sock");
    }

    Path kubeconfig() {
        return root.resolve("kubeconfig");
    }

    Path authority() {
        return root.resolve("pki/ca.crt");
    }

    /// A host on which nothing takes space.
    private static final class NoSpace implements SystemSpace {
        @Override
        public ObjectNode usage() {
            ObjectNode usage = JsonNodeFactory.instance.objectNode();
            usage.putObject("fileSystem")
                    .put("capacityBytes", 2048)
                    .put("availableBytes", 1024)
                    .put("usedPercent", 50)
                    .put("highThresholdPercent", 85);
            return usage.put("bytes", 0);
        }

        @Override
        public ObjectNode prune(boolean withVolumes, boolean dryRun) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("volumes", withVolumes)
                    .put("dryRun", dryRun);
        }
    }

    private record PlayedLogs(Map<String, ContainerLogs.Run> runs) implements ContainerLogs {
        @Override
        public Optional<Run> run(ApiObject pod, String container, boolean previous) {
            return Optional.ofNullable(runs.get(container + (previous ? " previous" : "")));
        }

        @Override
        public Optional<Run> build(ApiObject image) {
            return Optional.ofNullable(runs.get("image " + image.name()));
        }
    }

    /// Runs whose logs there are, by the container's name, with ` previous` behind it for the run before, or `image
    /// ` before the name of an image.
    Map<String, ContainerLogs.Run> runs() {
        return runs;
    }

    /// What another room says is wrong.
    List<Problem> problems() {
        return problems;
    }

    /// Has a check say this; empty for nothing.
    void trouble(String words) {
        trouble = words;
    }

    ObjectStore store() {
        return store;
    }

    /// Gives the server other certificates and another authority, as after years.
    void renew(Credentials renewed) {
        credentials = renewed;
        server.renewCredentials();
    }

    Credentials credentials() {
        return credentials;
    }

    URI uri(String path) {
        return URI.create("https://127.0.0.1:" + server.tlsPort() + path);
    }

    int port() {
        return server.tlsPort();
    }

    /// A client that trusts the engine and shows nothing.
    HttpClient stranger() {
        return client(false);
    }

    /// A client that shows the administrator's certificate.
    HttpClient administrator() {
        return client(true);
    }

    HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpClient client(boolean showsCertificate) {
        try {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, NO_PASSWORD);
            trust.setCertificateEntry("ca", credentials.authority());
            TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
            trusted.init(trust);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, NO_PASSWORD);
            if (showsCertificate) {
                Certificate[] chain = {credentials.administrator().certificate()};
                keys.setKeyEntry("admin", credentials.administrator().key(), NO_PASSWORD, chain);
            }
            KeyManagerFactory shown = KeyManagerFactory.getInstance("PKIX");
            shown.init(keys, NO_PASSWORD);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(shown.getKeyManagers(), trusted.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(tls).build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        collection.close();
        delays.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        workers.shutdownNow();
        try {
            store.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
