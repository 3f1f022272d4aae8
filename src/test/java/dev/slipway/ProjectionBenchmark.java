package dev.slipway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// From the moment a change of an object is sent until a running container reads it. Prints a table and asserts nothing
/// on time.
///
/// The file is read in the container's mount namespace, ten times a millisecond at most.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProjectionBenchmark {
    private static final int WARM_UP = 5;
    private static final int RUNS = 50;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long REST_NANOS = 100_000;
    private static final String ROW = "%-58s %9.1f %9.1f %9.1f%n";

    private EngineProcess engine;
    private HttpClient client;

    @BeforeAll
    void start() throws Exception {
        engine = SharedEngine.fresh();
        client = TlsClient.of(engine);
    }

    @AfterAll
    void stop() throws IOException {
        client.close();
        engine.close();
    }

    @Test
    void from_a_patch_until_a_container_reads_it() throws Exception {
        engine.apply("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: words}
                data: {word: none}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: quiet}
                stringData: {word: none}
                """);
        Sample reader = Sample.container("reader", "")
                .with("volumes:")
                .with("- {name: c, configMap: {name: words}}")
                .with("- {name: s, secret: {secretName: quiet}}")
                .with("- {name: p, projected: {sources: [{configMap: {name: words}}]}}")
                .with("volumeMounts:")
                .with("- {name: c, mountPath: /c}")
                .with("- {name: s, mountPath: /s}")
                .with("- {name: p, mountPath: /p}")
                .in(engine)
                .running(engine);
        Path root = Path.of("/proc/" + reader.pid(engine) + "/root");

        System.out.printf(
                "%n%-58s %9s %9s %9s%n", "from a patch until a container reads it", "median ms", "min ms", "max ms");
        measure("ConfigMap", "configmaps/words", "data", root.resolve("c/word"));
        measure("Secret", "secrets/quiet", "stringData", root.resolve("s/word"));
        measure("ConfigMap, projected", "configmaps/words", "data", root.resolve("p/word"));
    }

    private void measure(String what, String object, String field, Path file) throws Exception {
        double[] millis = new double[RUNS];
        for (int run = -WARM_UP; run < RUNS; run++) {
            String word = what + run;
            long sent = System.nanoTime();
            patch(object, "{\"%s\": {\"word\": \"%s\"}}".formatted(field, word));
            while (!Files.readString(file).equals(word)) {
                if (System.nanoTime() - sent > LIMIT.toNanos()) {
                    throw new IOException(word + " cannot be read after " + LIMIT);
                }
                LockSupport.parkNanos(REST_NANOS);
            }
            if (run >= 0) {
                millis[run] = (System.nanoTime() - sent) / 1e6;
            }
        }
        Samples samples = new Samples(what, millis);
        double longest = Arrays.stream(millis).max().orElseThrow();
        System.out.printf(Locale.ROOT, ROW, what, samples.median(), samples.minimum(), longest);
    }

    private void patch(String object, String body) throws IOException, InterruptedException {
        URI address = URI.create("https://127.0.0.1:%d/api/v1/namespaces/default/%s".formatted(engine.port(), object));
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(address)
                        .header("Content-Type", "application/merge-patch+json")
                        .method("PATCH", BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.body());
        }
    }
}
