package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A whole engine as users start it, `target/slipway/bin/slipway serve`, on a data root, run directory, bridge and port
/// of its own, so that several run side by side. Closing it deletes every pod, stops the process and removes its roots.
final class EngineProcess implements AutoCloseable {
    static final Path SLIPWAY = Path.of("target/slipway/bin/slipway").toAbsolutePath();
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final long SHORTEST_REST_NANOS = 20_000_000;
    private static final long LONGEST_REST_NANOS = 200_000_000;

    private final Path home;
    private final Path run;
    private final int port;
    private final List<String> manifests = new ArrayList<>();
    private final List<String> within;
    private final List<String> confined;
    private Process process;

    private EngineProcess(Path home, Path run, int port, List<String> within, List<String> confined) {
        this.home = home;
        this.run = run;
        this.port = port;
        this.within = within;
        this.confined = confined;
    }

    /// Starts an engine that watches `manifests`, and waits until it is ready.
    static EngineProcess start(Path... manifests) throws IOException {
        return startIn(Path.of("/tmp"), manifests);
    }

    /// @param parent of its home; unix socket paths are limited to 108 bytes, so it must be short
    static EngineProcess startIn(Path parent, Path... manifests) throws IOException {
        return start(parent, List.of(), List.of(), manifests);
    }

    /// Starts an engine to be measured.
    ///
    /// @param run its run directory, where users have it: in memory
    static EngineProcess startToMeasure(Path parent, Path run) throws IOException {
        Path home = Files.createTempDirectory(parent, "slw");
        return start(new EngineProcess(home, run, FreePort.find(), List.of(), List.of()));
    }

    /// Starts an engine that has a network namespace for its host's, as has every command that it is asked with.
    ///
    /// @param namespace file that it is mounted on
    static EngineProcess startInNetwork(Path namespace, Path... manifests) throws IOException {
        return start(Path.of("/tmp"), List.of("nsenter", "--net=" + namespace), List.of(), manifests);
    }

    /// Starts an engine whose process begins in a cgroup, also when it is started again.
    static EngineProcess startInCgroup(Path cgroup) throws IOException {
        String join = "echo $$ > " + cgroup + "/cgroup.procs && exec \"$@\"";
        return start(Path.of("/tmp"), List.of(), List.of("sh", "-c", join, "sh"));
    }

    /// Starts an engine with more in its environment.
    ///
    /// @param settings `NAME=value` each
    static EngineProcess startWith(List<String> settings, Path... manifests) throws IOException {
        List<String> words = new ArrayList<>(List.of("env"));
        words.addAll(settings);
        return start(Path.of("/tmp"), List.of(), words, manifests);
    }

    /// @param within what each command is started by
    /// @param confined what the engine alone is started by
    private static EngineProcess start(Path parent, List<String> within, List<String> confined, Path... manifests)
            throws IOException {
        Path home = Files.createTempDirectory(parent, "slw");
        EngineProcess engine = new EngineProcess(home, home.resolve("run"), FreePort.find(), within, confined);
        for (Path each : manifests) {
            engine.manifests.addAll(List.of("--manifests", each.toString()));
        }
        return start(engine);
    }

    private static EngineProcess start(EngineProcess engine) throws IOException {
        try {
            engine.launch();
        } catch (IOException | AssertionError e) {
            engine.dismantle();
            throw e;
        }
        return engine;
    }

    Path home() {
        return home;
    }

    Path root() {
        return home.resolve("root");
    }

    Path run() {
        return run;
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /// Ends the engine as a crash would; containers stay.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// Ends the engine as an administrator would; containers stay.
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            fail("the engine did not stop within 20 s");
        }
    }

    /// Starts the engine again on the same root.
    void restart() throws IOException {
        launch();
    }

    /// Runs the `slipway` command against this engine.
    Ran slipway(String... arguments) {
        List<String> words = new ArrayList<>(List.of(SLIPWAY.toString()));
        words.addAll(List.of(arguments));
        return run(words, "");
    }

    /// Runs kubectl with this engine's kubeconfig.
    Ran kubectl(String... arguments) {
        List<String> words = new ArrayList<>(List.of("kubectl"));
        words.addAll(List.of(arguments));
        return run(words, "");
    }

    /// Runs kubectl and gives it `input`.
    Ran kubectlWith(String input, String... arguments) {
        List<String> words = new ArrayList<>(List.of("kubectl"));
        words.addAll(List.of(arguments));
        return run(words, input);
    }

    /// Applies manifests through kubectl; fails the test if that is refused.
    Ran apply(String yaml) {
        // kubectl takes what begins with a brace for JSON.
        return run(List.of("kubectl", "apply", "-f", "-"), "---\n" + yaml).orFail();
    }

    /// Runs a shell line in `folder` with this engine's `slipway` and kubectl first on the path.
    Ran shell(Path folder, String line) {
        return run(List.of("sh", "-c", "cd '" + folder + "' && " + line), "");
    }

    /// Starts a command with this engine's `slipway` and kubectl, and leaves it running; whoever starts it ends it.
    Process background(String... words) throws IOException {
        return prepared(List.of(words)).redirectErrorStream(true).start();
    }

    /// What kubectl prints for a JSON path of an object.
    String field(String object, String jsonPath) {
        return kubectl("get", object, "-o", "jsonpath={" + jsonPath + "}").out();
    }

    /// Waits until a JSON path of an object has a value.
    void awaitField(String object, String jsonPath, String value) {
        await(object + " " + jsonPath + " to be " + value, () -> field(object, jsonPath)
                .equals(value));
    }

    /// Waits up to 30 s for something; says what was missing, with the engine's diary, when it does not come. Rests
    /// between two looks as long as a look takes: whoever asks without a pause takes a processor from who shall
    /// answer.
    void await(String what, BooleanSupplier condition) {
        await(what, START_LIMIT, condition);
    }

    /// The same, for what may take longer than 30 s.
    void await(String what, Duration limit, BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(limit);
        Instant looked = Instant.now();
        while (!condition.getAsBoolean()) {
            Duration pause = Duration.between(looked, Instant.now());
            if (Instant.now().isAfter(deadline)) {
                fail("waited " + limit.toSeconds() + " s in vain for " + what + "\n"
                        + slipway("status").text() + diary());
            }
            LockSupport.parkNanos(Math.clamp(pause.toNanos(), SHORTEST_REST_NANOS, LONGEST_REST_NANOS));
            looked = Instant.now();
        }
    }

    /// The last lines that the engine logged.
    String diary() {
        try {
            List<String> lines = Files.readAllLines(home.resolve("engine.log"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (!process.isAlive()) {
                launch();
            }
            String all = "deployments,replicasets,containers,pods";
            // Many of them are a sleep that hears no signal, as the first process of a container does by default.
            kubectl("delete", all, "--all", "-A", "--grace-period=1", "--wait=true", "--timeout=20s");
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
            dismantle();
        }
    }

    private void dismantle() {
        List<String> words = new ArrayList<>(List.of(SLIPWAY.toString(), "dismantle"));
        words.addAll(List.of("--root", root().toString(), "--run", run().toString(), "--listen", "off"));
        run(words, "").orFail();
        run(List.of("rm", "-rf", "--one-file-system", home.toString(), run.toString()), "")
                .orFail();
    }

    private void launch() throws IOException {
        List<String> words = new ArrayList<>(within);
        words.addAll(confined);
        words.addAll(List.of(SLIPWAY.toString(), "serve"));
        words.addAll(List.of("--root", root().toString(), "--run", run().toString()));
        words.addAll(List.of("--listen", "127.0.0.1:" + port));
        words.addAll(manifests);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(home.resolve("engine.log").toFile()));
        process = builder.start();
        Instant deadline = Instant.now().plus(START_LIMIT);
        // Without a kubeconfig, kubectl asks whoever listens on port 8080.
        while (!Files.exists(root().resolve("kubeconfig"))
                || kubectl("get", "--raw", "/readyz").code() != 0) {
            if (!process.isAlive() || Instant.now().isAfter(deadline)) {
                process.destroyForcibly();
                fail("the engine did not start:\n" + diary());
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private Ran run(List<String> words, String input) {
        return Ran.run(prepared(words), input);
    }

    private ProcessBuilder prepared(List<String> words) {
        List<String> all = new ArrayList<>(within);
        all.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put("HOME", home.toString());
        builder.environment().put("SLIPWAY_ROOT", root().toString());
        builder.environment().put("SLIPWAY_RUN", run().toString());
        builder.environment().put("KUBECONFIG", root().resolve("kubeconfig").toString());
        builder.environment().merge("PATH", "", (path, none) -> SLIPWAY.getParent() + ":" + path);
        return builder;
    }

    /// A command that has ended.
    ///
    /// @param out its stdout
    /// @param err its stderr
    record Ran(List<String> words, int code, String out, String err) {
        static Ran run(ProcessBuilder builder, String input) {
            try {
                Process process = builder.start();
                StringBuilder err = new StringBuilder();
                Thread reader = Thread.ofVirtual().start(() -> err.append(text(process.getErrorStream())));
                try (var stdin = process.getOutputStream()) {
                    stdin.write(input.getBytes(StandardCharsets.UTF_8));
                }
                String out = text(process.getInputStream());
                reader.join();
                return new Ran(builder.command(), process.waitFor(), out, err.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while " + builder.command() + " ran", e);
            }
        }

        /// Itself, if the command succeeded.
        Ran orFail() {
            assertEquals(0, code, text());
            return this;
        }

        String text() {
            return "%s\n-> %d\n%s%s".formatted(String.join(" ", words), code, out, err);
        }

        private static String text(InputStream in) {
            try {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
