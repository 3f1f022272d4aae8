package dev.slipway;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The whole engine beside its peers, in one run on one machine: starting. Prints a table and asserts nothing on
/// time.
///
/// A start is measured from the moment the wish is sent until the process executes, which it shows by making a file:
/// the file's time stamp is the kernel's, so nobody's polling is in the figure. Runs take turns (ours, theirs, ours
/// ...). The time since the answer leaves out what the client and TLS take, and some of what the engine does: it works
/// while it answers. An engine interprets most of its code in its first starts, and compiles it meanwhile: so there is
/// a table for a new one, and another for one that has made hundreds.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EngineBenchmark {
    private static final int RUNS = 20;
    private static final int UNTIL_COMPILED = 300;

    private BenchHost host;
    private EngineProcess engine;
    private Peers peers;
    private Path marks;
    private int starts;

    @BeforeAll
    void start() throws Exception {
        marks = Files.createTempDirectory("marks");
        host = BenchHost.start();
        engine = host.engine();
        peers = host.peers();
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
        compare("start, image present, by a new engine");
        for (int i = 0; i < UNTIL_COMPILED; i++) {
            startOurs();
        }
        compare("start, image present, by an engine that has made %d".formatted(starts));
    }

    private void compare(String title) throws Exception {
        double[] sent = new double[RUNS];
        double[] stored = new double[RUNS];
        double[] crun = new double[RUNS];
        double[] isolated = new double[RUNS];
        double[] podman = new double[RUNS];
        double[] unconnected = new double[RUNS];
        for (int i = -3; i < RUNS; i++) {
            Started one = startOurs();
            Started two = started(() -> peers.crunRun(marks));
            peers.isolatedCrunClear();
            Started three = started(() -> peers.isolatedCrunRun(marks));
            Started four = started(() -> peers.podmanRun(marks));
            Started five = started(() -> peers.podmanRunWithoutNetwork(marks));
            if (i >= 0) {
                sent[i] = one.sinceWish();
                stored[i] = one.sinceAnswer();
                crun[i] = two.sinceWish();
                isolated[i] = three.sinceWish();
                podman[i] = four.sinceWish();
                unconnected[i] = five.sinceWish();
            }
        }
        Samples first = new Samples("slipway: object sent over TLS to process executing", sent);
        System.out.println(Samples.header(title));
        System.out.println(first.line(first));
        System.out.println(new Samples("  of it after the answer that it is stored", stored).line(first));
        System.out.println(new Samples("crun run (ready bundle, no overlay, no address)", crun).line(first));
        System.out.println(
                new Samples("crun run (overlay, address, seccomp; mount and ip first)", isolated).line(first));
        System.out.println(new Samples("podman run (bridge, address, rules)", podman).line(first));
        System.out.println(new Samples("podman run (no network)", unconnected).line(first));
    }

    /// Milliseconds until a process executed.
    private record Started(double sinceWish, double sinceAnswer) {}

    private Started startOurs() throws Exception {
        String name = "start" + starts++;
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
        HttpRequest.Builder pod = HttpRequest.newBuilder(URI.create(pods() + "/" + name));
        send(pod.copy().DELETE().build());
        HttpRequest look = pod.build();
        engine.await(name + " to be gone", () -> isGone(look));
        return took;
    }

    private boolean isGone(HttpRequest look) {
        try {
            return ask(look).statusCode() == 404;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = ask(request);
        if (response.statusCode() >= 300) {
            throw new IOException(response.body());
        }
    }

    private HttpResponse<String> ask(HttpRequest request) throws IOException, InterruptedException {
        return host.client().send(request, HttpResponse.BodyHandlers.ofString());
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

    private static long nanosOfDay() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private interface Task {
        void run() throws Exception;
    }
}
