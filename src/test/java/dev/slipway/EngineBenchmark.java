package dev.slipway;

import dev.slipway.EngineProcess.Ran;
import dev.slipway.engine.registry.DockerRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The whole engine beside its peers, in one run on one machine: starting, pulling, pushing. Prints tables and asserts
/// nothing on time.
///
/// A start is measured from the moment the wish is sent until the process executes, which it shows by making a file:
/// the file's time stamp is the kernel's, so nobody's polling is in the figure. Runs take turns (ours, theirs, ours
/// ...).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EngineBenchmark {
    private static final int RUNS = 20;
    private static final String PULLED =
            "{apiVersion: slipway.dev/v1alpha1, kind: Image, metadata: {name: %s}, spec: {source: {pull: {reference: \"%s/%s\"}}}}";

    /// What plain tools need for parts of a pull.
    private static final Map<String, String> LIMITS = Map.of(
            "bytes", "  of it: bytes over loopback (curl)",
            "digest", "  of it: bytes and their digest (curl, sha256sum)",
            "inflate", "  of it: bytes and decompression (curl, igzip or zstd)",
            "files", "the machine's limit: curl, sha256sum, igzip or zstd, tar");

    private BenchHost host;
    private EngineProcess engine;
    private Peers peers;
    private Path marks;

    @BeforeAll
    void start() throws Exception {
        marks = Files.createTempDirectory("marks");
        host = BenchHost.start();
        engine = host.engine();
        peers = host.peers();
        peers.makeImages();
    }

    @AfterAll
    void stop() throws Exception {
        if (host != null) {
            host.close();
        }
        Ran.run(new ProcessBuilder("rm", "-rf", marks.toString()), "");
    }

    @Test
    void start_of_a_container_with_the_image_present() throws Exception {
        double[] sent = new double[RUNS];
        double[] stored = new double[RUNS];
        double[] crun = new double[RUNS];
        double[] podman = new double[RUNS];
        for (int i = -3; i < RUNS; i++) {
            Started one = startOurs("start" + (i + 3));
            Started two = started(() -> peers.crunRun(marks));
            Started three = started(() -> peers.podmanRun(marks, "none"));
            if (i >= 0) {
                sent[i] = one.sinceWish();
                stored[i] = one.sinceAnswer();
                crun[i] = two.sinceWish();
                podman[i] = three.sinceWish();
            }
        }
        Samples first = new Samples("slipway: object sent over TLS to process executing", sent);
        System.out.println(Samples.header("start, image present"));
        System.out.println(first.line(first));
        System.out.println(new Samples("  of it after the object was stored", stored).line(first));
        System.out.println(new Samples("crun run (ready bundle, no overlay, no address)", crun).line(first));
        System.out.println(new Samples("podman run (no network)", podman).line(first));
    }

    @Test
    void pull_of_an_image() throws Exception {
        for (String image : List.of("bench/one:gzip", "bench/eight:gzip", "bench/eight:zstd")) {
            double[] ours = new double[3];
            double[] podman = new double[3];
            double[] skopeo = new double[3];
            for (int i = 0; i < 3; i++) {
                ours[i] = pullOurs(image, i);
                podman[i] = timed(() -> peers.podmanPull(image));
                skopeo[i] = timed(() -> peers.skopeoAndUmoci(image));
            }
            Samples first = new Samples("slipway", ours);
            System.out.println(Samples.header("cold pull of " + image));
            System.out.println(first.line(first));
            System.out.println(new Samples("podman pull", podman).line(first));
            System.out.println(new Samples("skopeo copy, umoci unpack", skopeo).line(first));
            for (String part : List.of("bytes", "digest", "inflate", "files")) {
                double[] plain = new double[3];
                for (int i = 0; i < 3; i++) {
                    plain[i] = timed(() -> peers.plainTools(image, part));
                }
                System.out.println(new Samples(LIMITS.get(part), plain).line(first));
            }
        }
    }

    @Test
    void push_of_an_image() throws Exception {
        String image = "bench/eight:gzip";
        engine.apply(PULLED.formatted("pushed", peers.registry(), image));
        engine.awaitField("image/pushed", ".status.conditions[?(@.type==\"Ready\")].status", "True");
        double[] ours = new double[3];
        double[] skopeo = new double[3];
        for (int i = 0; i < 3; i++) {
            // One each, because registries and skopeo remember what they have seen.
            try (DockerRegistry one = registry("ours" + i);
                    DockerRegistry other = registry("theirs" + i)) {
                ours[i] = pushOurs(i, one.host());
                skopeo[i] = timed(() -> peers.skopeoPush("eight", other.host()));
            }
        }
        Samples first = new Samples("slipway: a Tag declared to its image pushed", ours);
        System.out.println(Samples.header("push of " + image + " to docker-registry"));
        System.out.println(first.line(first));
        System.out.println(new Samples("skopeo copy from an OCI layout", skopeo).line(first));
    }

    private DockerRegistry registry(String name) throws IOException {
        return new DockerRegistry(Files.createDirectory(host.disk().directory().resolve(name)), "");
    }

    private double pushOurs(int run, String registry) throws Exception {
        return timed(() -> {
            engine.apply("""
                    {apiVersion: slipway.dev/v1alpha1, kind: Registry, metadata: {name: hub%1$d}, spec: {host: "%2$s"}}
                    ---
                    apiVersion: slipway.dev/v1alpha1
                    kind: Tag
                    metadata: {name: pushed%1$d}
                    spec:
                      repository: bench/pushed%1$d
                      target: {image: {name: pushed}}
                      push: [{registry: hub%1$d, repository: pushed/slipway, tag: "1"}]
                    """.formatted(run, registry));
            engine.awaitField("tag/pushed" + run, ".status.conditions[?(@.type==\"Pushed\")].status", "True");
        });
    }

    /// Milliseconds until a process executed.
    private record Started(double sinceWish, double sinceAnswer) {}

    private Started startOurs(String name) throws Exception {
        String body = """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},"spec":{"restartPolicy":"Never",
                 "terminationGracePeriodSeconds":0,"containers":[{"name":"main","image":"toolbox","imagePullPolicy":"Never",
                 "command":["/bin/busybox","touch","/marks/started"],"volumeMounts":[{"name":"m","mountPath":"/marks"}]}],
                 "volumes":[{"name":"m","hostPath":{"path":"%s"}}]}}""".formatted(name, marks);
        HttpRequest request = HttpRequest.newBuilder(pods())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        Started took = started(() -> send(request));
        send(HttpRequest.newBuilder(URI.create(pods() + "/" + name)).DELETE().build());
        engine.await(
                name + " to be gone", () -> engine.kubectl("get", "pod", name).code() != 0);
        return took;
    }

    private double pullOurs(String image, int run) throws Exception {
        String name = image.replaceAll("[/:]", "-") + run;
        double took = timed(() -> {
            engine.apply(PULLED.formatted(name, peers.registry(), image));
            engine.awaitField("image/" + name, ".status.conditions[?(@.type==\"Ready\")].status", "True");
        });
        engine.kubectl("delete", "image/" + name, "--wait=true").orFail();
        return took;
    }

    private void send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = host.client().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(response.body());
        }
    }

    private URI pods() {
        return URI.create("https://127.0.0.1:" + engine.port() + "/api/v1/namespaces/default/pods");
    }

    private Started started(Task wish) throws Exception {
        Path mark = marks.resolve("started");
        Files.deleteIfExists(mark);
        long before = nanosOfDay();
        wish.run();
        long answered = nanosOfDay();
        engine.await("the mark", () -> Files.exists(mark));
        long made = Files.getLastModifiedTime(mark).to(TimeUnit.NANOSECONDS);
        return new Started((made - before) / 1e6, (made - answered) / 1e6);
    }

    private static double timed(Task task) throws Exception {
        long before = System.nanoTime();
        task.run();
        return (System.nanoTime() - before) / 1e6;
    }

    private static long nanosOfDay() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private interface Task {
        void run() throws Exception;
    }
}
